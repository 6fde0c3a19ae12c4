import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { openNetworkPolicies } from '../../client/kubernetes/network-policies.js';
import type { Pod } from '../../client/kubernetes/pod.js';
import { openPodMarks } from '../../client/kubernetes/pod-marks.js';
import { FlinchError } from '../../core/error.js';
import type { PolicyControl } from '../ports.js';
import { podKnocks } from './knocks.js';
import type { PodView } from './pods.js';
import { keepingAwayFrom, MARKS, type Mark, markKey, policyName } from './policy-rules.js';
import type { Seats } from './seats.js';

export interface PolicyDeps {
  kubernetes: KubernetesPods;
  view: PodView;
  seats: Seats;
  /** Of everything that is made for the cluster. */
  labels: Record<string, string>;
}

/** Nobody listens there; a refusal is an answer too. */
const CLOSED = 1;

/**
 * Keeping pods apart by NetworkPolicies. Pods of one Deployment have the same labels all of them, so those that are meant are
 * marked with one of their own.
 */
export function podPolicies({ kubernetes, view, seats, labels }: PolicyDeps): PolicyControl & { close(): void } {
  const policies = openNetworkPolicies(kubernetes);
  const marks = openPodMarks(kubernetes);
  const knocks = podKnocks(kubernetes);
  const made = new Set<string>();

  const runningOf = (seat: string): Pod | undefined => {
    const pod = seats.podOf(seat);
    return pod?.container?.running && pod.ip !== undefined ? pod : undefined;
  };
  const seated = (seat: string): Pod => {
    const pod = runningOf(seat);
    if (pod) return pod;
    throw new FlinchError('FAULT_INJECT', { what: 'there is no pod that runs', on: seat });
  };
  const ofItsOwn = (seat: string): Pod => {
    const pod = seated(seat);
    if (!pod.hostNetwork) return pod;
    throw new FlinchError('FAULT_INJECT', {
      what: 'it has the network of its machine (hostNetwork), which no NetworkPolicy is for',
      on: pod.name,
    });
  };
  const addressesOf = ({ ip, ips }: Pod): readonly string[] => ips ?? (ip === undefined ? [] : [ip]);

  async function left(id: string): Promise<string[]> {
    const names = MARKS.map((mark) => policyName(id, mark));
    const there = await Promise.all(names.map((name) => policies.exists(name)));
    const marked = await marks.marked(markKey(id));
    return [
      ...names.filter((_, i) => there[i]).map((name) => `NetworkPolicy ${name}`),
      ...marked.map(({ name }) => `label ${markKey(id)} of pod ${name}`),
    ];
  }

  return {
    async keepApart({ id, between, and }) {
      await view.fresh();
      const sides: Record<Mark, Pod[]> = { between: between.map(ofItsOwn), and: and.map(ofItsOwn) };
      made.add(id);
      for (const mark of MARKS) for (const pod of sides[mark]) await marks.mark(pod, markKey(id), mark);
      for (const mark of MARKS) {
        const others = sides[mark === 'between' ? 'and' : 'between'].flatMap(addressesOf);
        await policies.create({ name: policyName(id, mark), labels, spec: keepingAwayFrom(id, mark, others) });
      }
    },
    left,
    async leftOfAll() {
      const all: string[] = [];
      for (const id of made) {
        const of = await left(id);
        if (of.length === 0) made.delete(id);
        all.push(...of);
      }
      return all;
    },
    async restore(id) {
      for (const mark of MARKS) await policies.remove(policyName(id, mark));
      for (const pod of await marks.marked(markKey(id))) await marks.unmark(pod, markKey(id));
    },
    async doors(seat) {
      await view.fresh();
      const pod = runningOf(seat);
      if (pod === undefined) return undefined;
      return [...(await knocks.listening(pod)), CLOSED].map((port) => ({ host: pod.ip ?? '', port }));
    },
    async apiServer(seat) {
      await view.fresh();
      return knocks.apiServer(seated(seat));
    },
    async knock(from, doors) {
      await view.fresh();
      return knocks.knock(seated(from), doors);
    },
    close: knocks.close,
  };
}
