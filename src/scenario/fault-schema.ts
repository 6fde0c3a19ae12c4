import { z } from 'zod';
import type { ClusterSpec, FaultSpec, Trigger } from '../core/scenario.js';
import { DURATION } from '../core/units.js';
import { FAULT_SCHEMAS, isEach } from '../fault/schemas.js';
import { type Repeat, repeatSchema } from './repeat-schema.js';
import { show } from './show.js';
import { quantity } from './values.js';
import { whenSchema } from './when-schema.js';

const MOST = 20;
const EXAMPLE = '- kill: { node: jobmanager.leader }';
const TOGETHER = 'together';
const names = Object.keys(FAULT_SCHEMAS);

const kinds = Object.fromEntries(
  Object.entries(FAULT_SCHEMAS).map(([name, { schema, summary }]) => [
    name,
    schema.optional().meta({ description: summary }),
  ]),
);

const times = {
  when: whenSchema,
  at: quantity(DURATION, { from: '0s', to: '1h' }, '3s')
    .optional()
    .meta({
      description:
        'How long to wait before the injection: after what `when` names, else after the fault before it took effect (in `together`) or settled.',
      examples: ['3s'],
    }),
};

const notAFault = ({ code, input }: { code?: string; input?: unknown }): string | undefined =>
  code === 'invalid_type' ? `${show(input)} is not a fault; write e.g. ${EXAMPLE.slice(2)}` : undefined;

/** Which faults a map names: it should be one. */
const named = (map: object, known: readonly string[]): string[] =>
  Object.keys(map).filter((key) => known.includes(key));

const oneOf = (known: readonly string[]) => ({
  error: `is not one fault; write each as an entry of its own: - ${known.join(' | ')}: {...}`,
});

/** One fault as written. */
type Written = Omit<FaultSpec, 'time' | 'beside'>;

function written(map: Record<string, unknown>): Written {
  const [kind = ''] = named(map, names);
  const { when, at } = map as { when?: Trigger; at?: number };
  return {
    kind,
    options: map[kind] as Record<string, unknown>,
    ...(when ? { when } : {}),
    ...(at === undefined ? {} : { at }),
  };
}

/** One entry of `together`: a map with one key, the fault's name, and perhaps when. */
const memberSchema = z
  .strictObject({ ...kinds, ...times }, { error: notAFault })
  .refine((map) => named(map, names).length === 1, oneOf(names))
  .meta({ oneOf: names.map((fault) => ({ required: [fault] })) })
  .transform(written);

const notAList = {
  error: ({ input }: { input?: unknown }) =>
    input === undefined
      ? `is missing; write a list, e.g. ${EXAMPLE}`
      : `${show(input)} is not a list; begin each fault with a dash, e.g. ${EXAMPLE}`,
};

const togetherSchema = z
  .array(memberSchema, notAList)
  .min(2, { error: `has fewer than two faults; write at least two, or the fault without ${TOGETHER}` })
  .max(MOST, { error: `has too many faults; write at most ${MOST}` })
  .optional()
  .meta({
    description:
      'Faults that overlap: each is injected once the one before it is effective, without waiting for the recovery. They are judged as one, from the first.',
  });

const entries = [...names, TOGETHER];

type EntryMap = { together?: { options?: Record<string, unknown> }[]; restart?: { node: unknown }; repeat?: Repeat };

/** One entry of `faults`: one fault, or several together, and perhaps when and how often. */
const entrySchema = z
  .strictObject({ ...kinds, [TOGETHER]: togetherSchema, ...times, repeat: repeatSchema }, { error: notAFault })
  .refine((map) => named(map, entries).length === 1, oneOf(entries))
  .superRefine((map, context) => {
    if (!(TOGETHER in map)) return;
    const message = `belongs to one fault; write it with the first of those under ${TOGETHER}`;
    for (const key of Object.keys(times)) {
      if (key in map) context.addIssue({ code: 'custom', message, path: [key] });
    }
  })
  .meta({ oneOf: entries.map((entry) => ({ required: [entry] })) })
  .superRefine((map, context) => {
    const { [TOGETHER]: together = [], restart, repeat } = map as EntryMap;
    const message = 'means one after the other; write it as an entry of its own, without repeat';
    const add = (path: PropertyKey[]) => context.addIssue({ code: 'custom', message: `.each ${message}`, path });
    // What is wrong in itself has no options.
    together.forEach(({ options }, i) => {
      if (isEach(options?.node)) add([TOGETHER, i, 'restart', 'node']);
    });
    if (repeat && isEach(restart?.node)) add(['restart', 'node']);
  })
  .transform((map): { faults: Written[]; repeat?: Repeat } => {
    const { [TOGETHER]: together, repeat } = map as { together?: Written[]; repeat?: Repeat };
    return { faults: together ?? [written(map)], ...(repeat ? { repeat } : {}) };
  });

export const faultsSchema = z
  .array(entrySchema, notAList)
  .min(1, { error: `has no fault; write at least one, e.g. ${EXAMPLE}` })
  .max(MOST, { error: `has too many faults; write at most ${MOST}` })
  .meta({ description: 'What is broken, one after the other.' });

/** How many nodes of each role a cluster has. */
type Counts = Pick<ClusterSpec, 'jobManagers' | 'taskManagers' | 'zookeepers' | 'brokers'>;

/** One after the other, with which one it is. */
function eachInTurn(fault: Written, counts: Counts): FaultSpec[] | undefined {
  const { node } = fault.options;
  if (!isEach(node)) return undefined;
  const of = {
    'jobmanager.each': counts.jobManagers,
    'taskmanager.each': counts.taskManagers,
    'zookeeper.each': counts.zookeepers,
    'broker.each': counts.brokers,
  }[node];
  return Array.from({ length: of }, (_, i) => ({
    ...fault,
    options: { ...fault.options, nth: i + 1 },
    ...(of > 1 ? { time: { nth: i + 1, of, every: 0 } } : {}),
  }));
}

/** Faults in the order in which they are injected: one for each time, those that belong together side by side. */
export const inOrder = (described: z.output<typeof faultsSchema>, counts: Counts): FaultSpec[] =>
  described.flatMap(({ faults, repeat }) => {
    const [alone] = faults;
    const turns = alone && faults.length === 1 && !repeat ? eachInTurn(alone, counts) : undefined;
    if (turns) return turns;
    const { times: of, every } = repeat ?? { times: 1, every: 0 };
    return Array.from({ length: of }, (_, i) =>
      faults.map(
        (fault, j): FaultSpec => ({
          ...fault,
          ...(j > 0 ? { beside: true as const } : {}),
          ...(repeat ? { time: { nth: i + 1, of, every } } : {}),
        }),
      ),
    ).flat();
  });

/** The faults that are right by themselves, with their places, whatever is wrong with others. */
export const faultsWithin = (raw: unknown): { path: PropertyKey[]; fault: FaultSpec }[] =>
  (Array.isArray(raw) ? raw : []).flatMap((entry: unknown, i) => {
    const together = (entry as Record<string, unknown> | null)?.[TOGETHER];
    const read = Array.isArray(together)
      ? together.map((member, j) => ({ path: ['faults', i, TOGETHER, j], fault: memberSchema.safeParse(member).data }))
      : [{ path: ['faults', i], fault: entrySchema.safeParse(entry).data?.faults[0] }];
    return read.flatMap(({ path, fault }) => (fault ? [{ path, fault }] : []));
  });
