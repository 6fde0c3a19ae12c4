import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { Apart, PolicyControl } from '../../target/ports.js';
import type { FaultContext, Proof, Resolved } from '../fault.js';
import { ofPods, podsOf } from '../pods/pod-of.js';
import type { PartitionOptions } from '../schema/network.js';
import { cutId } from './cut.js';
import { knockAll, listed, openRoutes, type Pair, pairsOf, passes, type Route, routeToApi } from './routes.js';
import { chooseSides } from './sides.js';

/** What healing pods that are kept apart needs to know. */
export interface PolicyUndo {
  apart: Apart;
  /** Uids of their pods, by node. */
  pods: Record<string, string>;
  /** Milliseconds. */
  duration: number;
}

/** Milliseconds for whoever enforces policies to hear of them, and then of all that they allow; and of their end. */
const [ENFORCED_WITHIN, ALLOWED_WITHIN, ENDED_WITHIN] = [20_000, 5_000, 30_000];
/** Milliseconds for a pod to come whose node has none. */
const COMES_WITHIN = 20_000;
const EVERY = 500;
/** A try that is lost once is no proof. */
const ROUNDS = 2;
/** As many others of each node are asked whether they are still reached. */
const BESIDE = 3;

export const policiesOf = ({ cluster: { policies } }: FaultContext): PolicyControl => ofPods(policies);

/** Chooses both sides, and the pods that they are now. @throws FlinchError CAPABILITY_MISSING, FAULT_INJECT */
export async function resolveApart(
  { between, and, duration }: PartitionOptions,
  context: FaultContext,
): Promise<Resolved<PolicyUndo>> {
  policiesOf(context);
  const sides = await chooseSides({ between, and }, 'partition', context);
  const pods: Record<string, string> = {};
  for (const node of [...sides.between, ...sides.and]) {
    const pod = await podsOf(context).of(node);
    if (!pod) throw new FlinchError('FAULT_INJECT', { what: 'there is no pod of it', on: node });
    pods[node] = pod.uid;
  }
  return {
    nodes: sides.between.map((node) => ({ node })),
    selector: `${between.join(', ')} | ${and.join(', ')}`,
    evidence: sides.evidence,
    undo: { apart: { id: cutId(), between: sides.between, and: sides.and }, pods, duration },
  };
}

/** Both ways. */
const acrossOf = ({ between, and }: Apart): Pair[] => [...pairsOf(between, and), ...pairsOf(and, between)];

/** Each node that is meant, with some that it is not to be kept apart from, both ways. */
function besideOf({ between, and }: Apart, { cluster: { nodes } }: FaultContext): Pair[] {
  const flink = nodes.flatMap(({ name, role }) => (/manager$/.test(role) ? name : []));
  const some = (own: readonly string[], others: readonly string[]) =>
    own.flatMap((node) => {
      const beside = flink.filter((it) => it !== node && !others.includes(it)).slice(0, BESIDE);
      return [...pairsOf([node], beside), ...pairsOf(beside, [node])];
    });
  // Two of one side are beside each other.
  const all = [...some(between, and), ...some(and, between)].map((pair) => [`${pair.from} ${pair.to}`, pair] as const);
  return [...new Map(all).values()];
}

/**
 * Makes the policies, and proves by tries of connections from inside the pods, before and after, that packets between the two
 * sides have ceased to pass, and others have not.
 * @throws FlinchError FAULT_INJECT, FAULT_NOT_EFFECTIVE; the signal's reason
 */
export async function keepApart(undo: PolicyUndo, context: FaultContext): Promise<Proof> {
  const { apart, duration } = undo;
  const { clock } = context;
  const policies = policiesOf(context);
  const replaced = await replacedOf(undo, context);
  if (replaced.length > 0) {
    const what = 'its pod was replaced between choosing and acting';
    throw new FlinchError('FAULT_INJECT', { what, on: replaced.join(', ') });
  }
  const across = await openRoutes(acrossOf(apart), policies);
  assertAllOpen(acrossOf(apart), across);
  const meant = [...apart.between, ...apart.and];
  const beside = await openRoutes(besideOf(apart, context), policies);
  const toApi = (await Promise.all(meant.map((node) => routeToApi(node, policies)))).flat();
  const after = clock.mono();
  await policies.keepApart(apart);
  const by = await ceased(across, Math.min(duration, ENFORCED_WITHIN), context);
  await stillOpen([...toApi, ...beside], context);
  const others = [...new Set([...beside, ...toApi].map(({ to }) => to))].filter((to) => !meant.includes(to));
  return {
    after,
    by,
    evidence: [
      `${toldCease(across)}; before, each did`,
      others.length === 0 ? 'nobody else was there to be asked' : `they still reach ${others.join(', ')}`,
      'connections that were there before may live on: that is up to whoever enforces policies',
    ],
  };
}

/** Nodes whose pods are not those that were chosen. */
async function replacedOf({ pods }: PolicyUndo, context: FaultContext): Promise<string[]> {
  const now = await Promise.all(Object.keys(pods).map(async (node) => [node, await podsOf(context).of(node)] as const));
  return now.flatMap(([node, pod]) => (pod?.uid === pods[node] ? [] : node));
}

/** @throws FlinchError FAULT_INJECT where a pair has no way whose end could be seen */
function assertAllOpen(pairs: readonly Pair[], open: readonly Route[]): void {
  const closed = pairs.filter(({ from, to }) => !open.some((it) => it.from === from && it.to === to));
  if (closed.length === 0) return;
  throw new FlinchError('FAULT_INJECT', {
    what: 'no connection comes about, nor is refused, before anything is made',
    on: closed.map(({ from, to }) => `${from} > ${to}`).join(', '),
    todo: 'see which NetworkPolicies are there: kubectl get networkpolicies',
  });
}

const toldCease = (across: readonly Route[]): string => `no new connection comes about: ${listed(across)}`;

/** Waits until none of them is open. @returns when that was seen first @throws FlinchError FAULT_NOT_EFFECTIVE; the signal's reason */
async function ceased(across: readonly Route[], within: number, context: FaultContext): Promise<number> {
  const { clock, signal } = context;
  let rounds = 0;
  let first = 0;
  let open: Route[] = [];
  const look = async () => {
    const answers = await knockAll(across, policiesOf(context));
    open = across.filter((route, i) => passes(route, answers[i] ?? 'connects'));
    rounds = open.length === 0 ? rounds + 1 : 0;
    if (rounds === 1) first = clock.mono();
    return rounds >= ROUNDS ? first : undefined;
  };
  try {
    return await pollUntil('connections that do not come about', look, { every: EVERY, within, clock, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what:
        open.length > 0 ? `the NetworkPolicies are there, and packets still pass: ${listed(open)}` : messageOf(cause),
      on: [...new Set(across.map(({ from }) => from))].join(', '),
      todo: 'see whether the network plugin of the cluster enforces NetworkPolicies, and whether others allow the same: they add up',
      cause,
    });
  }
}

/** Waits until each of them is open. @throws FlinchError FAULT_NOT_EFFECTIVE where more is cut than was asked for; the signal's reason */
async function stillOpen(routes: readonly Route[], context: FaultContext): Promise<void> {
  const { clock, signal } = context;
  let closed: Route[] = [];
  const look = async () => {
    const answers = await knockAll(routes, policiesOf(context));
    closed = routes.filter((route, i) => !passes(route, answers[i] ?? 'nothing'));
    return closed.length === 0 ? true : undefined;
  };
  try {
    await pollUntil('connections beside the cut', look, { every: EVERY, within: ALLOWED_WITHIN, clock, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: closed.length > 0 ? `more is cut than was asked for: ${listed(closed)}` : messageOf(cause),
      on: [...new Set(closed.map(({ from }) => from))].join(', ') || 'the pods beside them',
      todo: 'see how the network plugin of the cluster reads policies that allow 0.0.0.0/0 and every pod; or cut with --hand-image',
      cause,
    });
  }
}

/** @throws FlinchError FAULT_NOT_EFFECTIVE where packets pass before their time */
export async function confirmApart(undo: PolicyUndo, context: FaultContext): Promise<string[]> {
  const { apart, duration } = undo;
  const policies = policiesOf(context);
  const over = (what: string) => new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: apart.between.join(', ') });
  const left = (await policies.left(apart.id)).filter((it) => it.startsWith('NetworkPolicy'));
  if (left.length < 2) throw over('its NetworkPolicies were taken away before their time');
  const replaced = await replacedOf(undo, context);
  const there = acrossOf(apart).filter(({ from, to }) => !replaced.includes(from) && !replaced.includes(to));
  if (there.length === 0) throw over(`${replaced.join(', ')} have other pods, which nothing is made for`);
  const open = await openRoutes(there, policies);
  if (open.length > 0) throw over(`packets pass before the time: ${listed(open)}`);
  const ways = there.map(({ from, to }) => `${from} > ${to}`).join(', ');
  return [
    `still no new connection comes about (${ways}), after ${formatDuration(duration)}`,
    ...(replaced.length > 0 ? [`${replaced.join(', ')}: other pods by now, which nothing is made for`] : []),
  ];
}

/** @throws FlinchError HEAL_FAILED; the signal's reason */
export async function joinAgain({ apart }: PolicyUndo, context: FaultContext): Promise<Proof> {
  const { clock, signal } = context;
  const policies = policiesOf(context);
  const after = clock.mono();
  try {
    const gone = async () => {
      await policies.restore(apart.id);
      return (await policies.left(apart.id)).length === 0 ? true : undefined;
    };
    const poll = { every: EVERY, within: ENDED_WITHIN, clock, signal };
    await pollUntil('the end of its NetworkPolicies', gone, poll);
    const evidence = ['its NetworkPolicies are gone, and the labels of its pods'];
    const waitsUntil = clock.mono() + COMES_WITHIN;
    const look = () => reaching(apart, policies, clock.mono() < waitsUntil);
    const reached = await pollUntil('connections between each two pods', look, poll);
    return { after, by: clock.mono(), evidence: [...evidence, ...reached] };
  } catch (cause) {
    signal.throwIfAborted();
    const left = await policies.left(apart.id).catch(() => []);
    throw new FlinchError('HEAL_FAILED', {
      what: `${[messageOf(cause), ...left].join('; ')}`,
      on: apart.between.join(', '),
      todo: `take away the NetworkPolicies whose names begin with flinch-${apart.id}, and see which others are there`,
      cause,
    });
  }
}

/**
 * That each two reach each other whose pods run: who has none is kept apart from nobody. Undefined while they do not.
 * @param waits whether a pod may come yet
 */
async function reaching(apart: Apart, policies: PolicyControl, waits: boolean): Promise<string[] | undefined> {
  const away = new Set<string>();
  for (const node of [...apart.between, ...apart.and]) {
    if ((await policies.doors(node)) === undefined) away.add(node);
  }
  if (away.size > 0 && waits) return undefined;
  const pairs = acrossOf(apart).filter(({ from, to }) => !away.has(from) && !away.has(to));
  const open = await openRoutes(pairs, policies);
  if (open.length < pairs.length) return undefined;
  return [
    ...(open.length > 0 ? [`they reach each other again: ${listed(open)}`] : []),
    ...[...away].map((node) => `${node} has no pod that runs, so there is nobody to be reached`),
  ];
}
