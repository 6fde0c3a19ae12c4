import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { Access, AccessControl, AccountBinding } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { startEnded } from '../process/take-part.js';
import { type Victims, withProcesses } from '../process/victims.js';
import type { RevokeAccessOptions } from '../schema/pods.js';
import { led } from '../store/job-managers.js';
import { renewedAgain } from '../store/the-lease.js';
import { ofPods } from './pod-of.js';

/** Milliseconds for an API server to hear of a RoleBinding: each has its own memory of them. */
const HEARD_WITHIN = 30_000;
/** What elections and checkpoints ask of ConfigMaps. Each is a request, every time. */
const ASKED = ['get', 'watch', 'update', 'patch'];

/** What healing needs to know of an account that has lost its RoleBindings. The victims are all JobManagers. */
export interface RevokeUndo extends Victims {
  account: string;
  bindings: AccountBinding[];
  /** What it might do to ConfigMaps before. */
  verbs: string[];
  /** Who has taken it out. */
  by: string;
  /** Milliseconds. */
  duration: number;
}

/**
 * RoleBindings of the namespace no longer name the service account of the JobManagers: the API server answers them, with 403.
 * Proven by what the server says that the account may do; healed by putting it back, and by seeing the lease renewed.
 */
export const revokeAccess: Fault<RevokeAccessOptions, RevokeUndo> = {
  name: 'revokeAccess',
  requires: ['pods', 'configMaps', 'access'],

  async resolve({ duration }, context) {
    const access = accessOf(context);
    const account = await access.account();
    const verbs = await allowed(account, context);
    const bindings = await access.naming(account);
    // Whoever may not put it back is not to take it out.
    for (const binding of bindings) await triedOut(binding, access);
    const nodes = context.cluster.nodes.flatMap(({ name, role }) => (role === 'jobmanager' ? name : []));
    const told = bindings.map(({ name, role }) => `RoleBinding ${name} (${role})`).join(', ');
    const evidence = [`account ${account} may ${verbs.join(', ')} ConfigMaps by ${told}`];
    const chosen = await withProcesses('jobmanager.all', { role: 'jobmanager', nodes, evidence }, context);
    const by = `revoke-${chosen.undo.victims[0]?.identity.bootId ?? ''}`;
    return { ...chosen, undo: { ...chosen.undo, account, bindings, verbs, by, duration } };
  },

  async inject(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    for (const binding of undo.bindings) await accessOf(context).takeOut(binding, undo.by);
    try {
      const evidence = [await namedNoMore(undo, context), await saysThatItMay(undo, 'none', context)];
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof FlinchError && cause.code === 'FAULT_NOT_EFFECTIVE') throw cause;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: messageOf(cause), on: undo.account, cause });
    }
  },

  hold: ({ duration }) => duration,

  async confirm(undo, context) {
    const still = await mayStill(undo, context);
    if (still.length === 0) return [`${await namedNoMore(undo, context)}, after ${formatDuration(undo.duration)}`];
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: `it may ${still.join(', ')} ConfigMaps again, before its time`,
      on: undo.account,
    });
  },

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    const { account, bindings } = undo;
    const access = accessOf(context);
    try {
      const evidence: string[] = [];
      for (const binding of bindings) {
        await access.putBack(binding, undo.by);
        const by = await access.outBy(binding);
        if (by === undo.by) throw new Error(`RoleBinding ${binding.name} still does not name it`);
        // Whoever else has taken it out has his reasons.
        evidence.push(
          `RoleBinding ${binding.name} ${by === undefined ? 'names it again' : `names it no more by the will of ${by}`}`,
        );
      }
      evidence.push(await saysThatItMay(undo, 'all', context));
      for (const victim of undo.victims) evidence.push(...(await startEnded(victim, undo, context)));
      evidence.push(await renewedAgain(context), await led(context));
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `JobManagers do not have what they had: ${messageOf(cause)}`,
        on: `account ${account}`,
        todo: `add it to the subjects of RoleBinding ${bindings.map(({ name }) => name).join(', ')}, and see the logs of the JobManagers`,
        cause,
      });
    }
  },
};

const accessOf = ({ cluster: { access } }: FaultContext): AccessControl => ofPods(access);

const toConfigMaps = (verb: string): Access => ({ verb, group: '', resource: 'configmaps' });

/** What the account may do, by RoleBindings that name it and nothing else. @throws FlinchError GUARD, FAULT_INJECT */
async function allowed(account: string, context: FaultContext): Promise<string[]> {
  const access = accessOf(context);
  const verbs: string[] = [];
  const refused = (why: string, reason: string) =>
    new FlinchError('GUARD', {
      what: `refused: ${why}, which is left as it is (${reason || 'no reason given'})`,
      on: `account ${account}`,
      todo: 'have a RoleBinding of its namespace allow it, and nothing else',
    });
  for (const verb of ASKED) {
    const own = await access.may(account, toConfigMaps(verb));
    if (!own.allowed) continue;
    const any = await access.mayAny(toConfigMaps(verb));
    if (any.allowed) throw refused(`every account of the namespace may ${verb} ConfigMaps`, any.reason);
    // A server that finds both names the one that is for all namespaces.
    if (!own.reason.startsWith('RBAC: allowed by RoleBinding ')) {
      throw refused(`something else than a RoleBinding lets it ${verb} ConfigMaps`, own.reason);
    }
    verbs.push(verb);
  }
  if (verbs.length > 0) return verbs;
  throw new FlinchError('FAULT_INJECT', { what: 'it may do nothing to ConfigMaps already', on: `account ${account}` });
}

/** @throws FlinchError FAULT_INJECT where the server would not let it be taken out, nor put back */
async function triedOut(binding: AccountBinding, access: AccessControl): Promise<void> {
  try {
    await access.tryOut(binding);
  } catch (cause) {
    throw new FlinchError('FAULT_INJECT', {
      what: `it may not be changed: ${messageOf(cause)}`,
      on: `RoleBinding ${binding.name}`,
      todo: `grant update of it and bind of ${binding.role}: flinch doctor --target kubernetes --manifest --role-bindings ${binding.name}`,
      cause,
    });
  }
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE */
async function namedNoMore({ account, bindings, by }: RevokeUndo, context: FaultContext): Promise<string> {
  for (const binding of bindings) {
    if ((await accessOf(context).outBy(binding)) === by) continue;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: `it names ${account}, or somebody else has taken that out`,
      on: `RoleBinding ${binding.name}`,
    });
  }
  return `no RoleBinding names account ${account}`;
}

/** What it might do before, and may. */
async function mayStill({ account, verbs }: RevokeUndo, context: FaultContext): Promise<string[]> {
  const reviews = await Promise.all(verbs.map((verb) => accessOf(context).may(account, toConfigMaps(verb))));
  return verbs.filter((_, i) => reviews[i]?.allowed);
}

/** Waits until the API server says so. @throws FlinchError DEADLINE; the signal's reason */
function saysThatItMay(undo: RevokeUndo, what: 'all' | 'none', context: FaultContext): Promise<string> {
  const { clock, signal } = context;
  const { verbs } = undo;
  const wanted = what === 'all' ? verbs.length : 0;
  const look = async () =>
    (await mayStill(undo, context)).length === wanted
      ? `the API server says that it may ${what === 'all' ? '' : 'not '}${verbs.join(', ')} ConfigMaps`
      : undefined;
  const awaited = `an API server that says so of what account ${undo.account} may do`;
  return pollUntil(awaited, look, { every: 200, within: HEARD_WITHIN, clock, signal });
}
