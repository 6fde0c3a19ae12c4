import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { ClusterSpec } from '../../core/scenario.js';
import type { Cluster, Leadership, Servers } from '../../target/ports.js';
import type { ClusterAccess } from './cluster-access.js';

/** Milliseconds for all to be as it was. */
const WITHIN = 20_000;
/** Milliseconds from one look to the next, and for one. */
const [EVERY, LOOK] = [250, 5_000];
/** So many looks in a row: with two leaders the record is another one within less. */
const LOOKS = 3;

export interface CleanDeps {
  spec: ClusterSpec;
  cluster: Cluster;
  access: Pick<ClusterAccess, 'rest'> & { leadership: Leadership };
  servers: Servers;
  clock: Clock;
  /** Milliseconds for all to be as it was, where that may take longer. */
  within?: number;
}

/**
 * Waits until the cluster is as it was brought up, so that nothing of this run is in the next one.
 * @returns undefined when it is, else what is not
 */
export async function uncleanness(deps: CleanDeps): Promise<string | undefined> {
  const { clock } = deps;
  let clean = 0;
  let last: string | undefined;
  let why: string | undefined;
  const isClean = async (signal: AbortSignal) => {
    const { session, ...seen } = await looked(deps, AbortSignal.any([signal, AbortSignal.timeout(LOOK)]));
    clean = seen.why !== undefined ? 0 : session === last ? clean + 1 : 1;
    last = session;
    why = seen.why ?? (clean < LOOKS ? 'the leader changes again and again' : undefined);
    return why === undefined ? true : undefined;
  };
  const signal = new AbortController().signal;
  try {
    await pollUntil('a clean cluster', isClean, { every: EVERY, within: deps.within ?? WITHIN, clock, signal });
  } catch (error) {
    why ??= messageOf(error);
  }
  return why;
}

async function looked(deps: CleanDeps, signal: AbortSignal): Promise<{ why?: string; session?: string }> {
  try {
    const why = (await nodesUnclean(deps)) ?? (await serversUnclean(deps, signal));
    if (why !== undefined) return { why };
    return await flinkUnclean(deps, signal);
  } catch (error) {
    return { why: messageOf(error) };
  }
}

async function nodesUnclean({
  cluster: { nodes, processes, network, policies, disks, names },
}: CleanDeps): Promise<string | undefined> {
  for (const { name } of nodes) {
    const identity = await processes.identify(name);
    if (!identity || !(await processes.alive(identity))) return `${name} does not run`;
    if (await processes.stopped(identity)) return `${name} stands still`;
  }
  const [cut] = Object.keys((await network?.cuts()) ?? {});
  if (cut !== undefined) return `the network is still cut: ${cut}`;
  const [policy] = (await policies?.leftOfAll()) ?? [];
  if (policy !== undefined) return `pods are still kept apart: ${policy}`;
  const ownDisks = nodes.filter(({ role }) => role === 'taskmanager' || role === 'broker').map(({ name }) => name);
  for (const disk of disks ? [...ownDisks, 'storage'] : []) {
    const refusal = await disks?.refusal(disk);
    if (refusal !== undefined) return `the disk of ${disk} takes no new file: ${refusal}`;
  }
  const [first] = nodes;
  for (const { name } of names ? nodes.slice(1) : []) {
    if (first && (await names?.known(name, [first.name]))?.length !== 1)
      return `${name} finds no address of ${first.name}`;
  }
  return undefined;
}

async function serversUnclean({ cluster, servers }: CleanDeps, signal: AbortSignal): Promise<string | undefined> {
  for (const { name, role } of cluster.nodes) {
    if (role === 'jobmanager' || role === 'taskmanager') continue;
    if ((await servers.serving(name, signal)) === undefined) return `${name} does not serve as it did`;
  }
  return undefined;
}

async function flinkUnclean({ spec, cluster, access }: CleanDeps, signal: AbortSignal) {
  const leader = await access.leadership.leader(signal);
  if (!leader) return { why: 'no leader is recorded' };
  const contenders = (await access.leadership.contenders(signal)).length;
  if (contenders !== spec.jobManagers) return { why: `${contenders} of ${spec.jobManagers} JobManagers contend` };
  for (const [node, rest] of Object.entries(access.rest)) {
    const { taskManagers, slotsAvailable } = await rest.overview(signal);
    if (taskManagers !== spec.taskManagers) {
      return { why: `${node} lists ${taskManagers} of ${spec.taskManagers} TaskManagers` };
    }
    const slots = spec.taskManagers * spec.slots;
    if (cluster.deadManArmed === undefined && slotsAvailable !== slots) {
      return { why: `${slotsAvailable} of ${slots} slots are free` };
    }
  }
  return { session: leader.session };
}
