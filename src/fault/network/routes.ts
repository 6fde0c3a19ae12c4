import { FlinchError } from '../../core/error.js';
import type { Answer, Door, PolicyControl } from '../../target/ports.js';

/** A way from a node to a door of another one, or of the API server, that was open when it was found. */
export interface Route {
  from: string;
  to: string;
  door: Door;
  /** What came of a try then. */
  before: Exclude<Answer, 'nothing'>;
}

export interface Pair {
  from: string;
  to: string;
}

/** "taskmanager-2 > 10.0.0.4:8081 of jobmanager-1" */
const told = ({ from, to, door: { host, port }, before }: Route): string =>
  `${from} > ${host}:${port} of ${to}${before === 'refused' ? ' (refused there)' : ''}`;

/** Ways that are told one by one. */
const TOLD = 4;

/** The first of them, and how many there are. */
export const listed = (routes: readonly Route[]): string =>
  [...routes.slice(0, TOLD).map(told), ...(routes.length > TOLD ? [`and ${routes.length - TOLD} more`] : [])].join(
    '; ',
  );

/** Whether packets pass: who refuses a connection that came about before may be whoever keeps them apart. */
export const passes = ({ before }: Route, answer: Answer): boolean =>
  answer === 'connects' || (answer === 'refused' && before === 'refused');

/** From each to each of the others. */
export const pairsOf = (ones: readonly string[], others: readonly string[]): Pair[] =>
  ones.flatMap((from) => others.filter((to) => to !== from).map((to) => ({ from, to })));

/**
 * The ways that are open now, one for each pair: to a port that takes connections, or where there is none to one that refuses
 * them. Where there is one a refusal may come from whoever keeps the two apart.
 */
export async function openRoutes(pairs: readonly Pair[], policies: PolicyControl): Promise<Route[]> {
  const doors = new Map<string, Door[]>();
  for (const to of new Set(pairs.map((pair) => pair.to))) {
    doors.set(to, (await policies.doors(to)) ?? []);
  }
  const tried = pairs.flatMap(({ from, to }) => (doors.get(to) ?? []).map((door) => ({ from, to, door })));
  const answers = await knockAll(tried, policies);
  return pairs.flatMap(({ from, to }): Route[] => {
    const before = (doors.get(to)?.length ?? 0) > 1 ? 'connects' : 'refused';
    const at = tried.findIndex((it, i) => it.from === from && it.to === to && answers[i] === before);
    const open = tried[at];
    return open ? [{ ...open, before }] : [];
  });
}

/** The way of a node to the API server, where it has one that is open. */
export async function routeToApi(from: string, policies: PolicyControl): Promise<Route[]> {
  const door = await policies.apiServer(from);
  const [said] = door ? await policies.knock(from, [door]) : [];
  return door && said && said !== 'nothing' ? [{ from, to: 'the API server', door, before: said }] : [];
}

/** What comes of each, in the same order: a command for each node, whatever number of ways it has. */
export async function knockAll(
  ways: readonly { from: string; door: Door }[],
  policies: PolicyControl,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  await Promise.all(
    [...new Set(ways.map(({ from }) => from))].map(async (node) => {
      const own = ways.flatMap(({ from, door }, at) => (from === node ? [{ at, door }] : []));
      const said = await policies.knock(
        node,
        own.map(({ door }) => door),
      );
      for (const [i, { at }] of own.entries()) {
        const answer = said[i];
        if (answer === undefined) throw new FlinchError('INTERNAL', { what: 'a try without an answer', on: node });
        answers[at] = answer;
      }
    }),
  );
  return answers;
}
