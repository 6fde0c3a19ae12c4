import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { OperatorPods, PodIdentity } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { DeleteOperatorOptions } from '../schema/pods.js';
import { SLACK } from './pod-of.js';

/** What healing needs to know: the operator is in a namespace of its own. */
export interface DeleteOperatorUndo {
  namespace: string;
  pods: PodIdentity[];
  /** Milliseconds that they get to end. */
  grace: number;
}

const EVERY = 1_000;
/** Milliseconds that another pod may take: its image is there. */
const BACK_WITHIN = 120_000;

/**
 * The pods of the operator of Flink are deleted, and with them whatever it was at. Nobody else makes them than what
 * made these: healed when as many are ready again.
 */
export const deleteOperator: Fault<DeleteOperatorOptions, DeleteOperatorUndo> = {
  name: 'deleteOperator',
  requires: ['pods', 'operator', 'operatorPods'],

  async resolve({ grace }, context) {
    const operator = operatorOf(context);
    const { namespace } = operator;
    if (namespace === undefined) throw missing();
    const pods = (await operator.list(namespace)).filter(({ ready }) => ready);
    if (pods.length === 0) {
      const what = `no pod of the operator is ready in namespace ${namespace}`;
      throw new FlinchError('FAULT_INJECT', { what, todo: 'name its namespace with --operator-namespace' });
    }
    return {
      nodes: pods.map(({ name }) => ({ node: 'operator', pod: name })),
      selector: 'operator',
      undo: {
        namespace,
        pods: pods.map(({ name, uid, grace: own }) => ({ name, uid, grace: own })),
        grace,
      },
      evidence: [`${pods.length} of its pods are ready in namespace ${namespace}`],
    };
  },

  async inject({ namespace, pods, grace }, context) {
    const { clock, signal } = context;
    const operator = operatorOf(context);
    const after = clock.mono();
    await Promise.all(pods.map((pod) => operator.delete(namespace, pod, grace)));
    const look = async () => {
      const there = await operator.list(namespace);
      return pods.every((pod) => there.every(({ uid }) => uid !== pod.uid)) || undefined;
    };
    try {
      await pollUntil('the end of its pods', look, { every: EVERY, within: grace + SLACK, clock, signal });
    } catch (cause) {
      signal.throwIfAborted();
      const what = `its pods were deleted, and ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'the operator', cause });
    }
    return { after, evidence: pods.map(({ name }) => `pod ${name} of the operator is gone`), by: clock.mono() };
  },

  async heal({ namespace, pods }, context) {
    const { clock, signal } = context;
    const operator = operatorOf(context);
    const after = clock.mono();
    const look = async () => {
      const there = await operator.list(namespace);
      const ready = there.filter((pod) => pod.ready);
      return ready.length >= pods.length ? ready.map(({ name }) => `pod ${name} of the operator is ready`) : undefined;
    };
    try {
      const poll = { every: EVERY, within: BACK_WITHIN, clock, signal };
      return { after, evidence: await pollUntil('an operator that is ready', look, poll), by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the operator is not back: ${messageOf(cause)}`,
        on: `namespace ${namespace}`,
        todo: 'see what its Deployment says',
        cause,
      });
    }
  },
};

/** @throws FlinchError CAPABILITY_MISSING */
function operatorOf({ cluster: { operatorPods } }: FaultContext): OperatorPods {
  if (operatorPods) return operatorPods;
  throw missing();
}

const missing = (): FlinchError =>
  new FlinchError('CAPABILITY_MISSING', {
    what: 'nobody knows where the operator of Flink runs',
    todo: 'name its namespace with --operator-namespace',
  });
