import type { Range } from '../../../src/core/ranges.js';
import type { LaneProduced } from '../../../src/journal/events.js';
import { formatRecord } from '../../../src/workload/record/lane-record.js';
import type { Random } from './random.js';

export const DEFECTS = ['drop', 'repeat', 'swap', 'alter', 'invent'] as const;
export type Defect = (typeof DEFECTS)[number];

export const LANES = 4;
export const PARTITIONS = 2;
const TIME = 1_700_000_000_000;

/** What a producer has written, by its ledger: some sends failed, some are of unknown outcome. */
export interface Written {
  produced: LaneProduced[];
  /** Values of the input by partition, in order. */
  input: string[][];
  /** By lane, in order, what the input holds. */
  held: number[][];
}

const value = (lane: number, sequence: number): string => formatRecord(lane, sequence, TIME + sequence, 70);

/** Weaves lists into one, each in its order. */
function woven<T>(lists: readonly (readonly T[])[], dice: Random): T[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const all: T[] = [];
  while (left.length > 0) {
    const at = dice.upTo(left.length);
    all.push(left[at]!.shift() as T);
    if (left[at]!.length === 0) left.splice(at, 1);
  }
  return all;
}

const byPartition = (lanes: readonly string[][], dice: Random): string[][] =>
  Array.from({ length: PARTITIONS }, (_, partition) =>
    woven(
      lanes.filter((_, lane) => lane % PARTITIONS === partition),
      dice,
    ),
  );

export function written(dice: Random): Written {
  const lanes = Array.from({ length: LANES }, (_, lane) => {
    const attempted = 60 + dice.upTo(60);
    const failed: Range = [20 + dice.upTo(5), 26 + dice.upTo(3)];
    const unknown: Range = [40 + dice.upTo(5), 46 + dice.upTo(5)];
    const acknowledged: Range[] = [
      [1, failed[0] - 1],
      [failed[1] + 1, unknown[0] - 1],
      [unknown[1] + 1, attempted],
    ];
    // Of the unknown ones the first arrived.
    const arrived = unknown[0] + dice.upTo(3);
    const held = Array.from({ length: attempted }, (_, i) => i + 1).filter(
      (it) => !(failed[0] <= it && it <= failed[1]) && !(arrived <= it && it <= unknown[1]),
    );
    return { held, produced: { lane, attempted, acknowledged, failed: [failed], unknown: [unknown] } };
  });
  const held = lanes.map((lane) => lane.held);
  return {
    produced: lanes.map((lane) => lane.produced),
    held,
    input: byPartition(
      held.map((list, lane) => list.map((it) => value(lane, it))),
      dice,
    ),
  };
}

/** What must be found of a sink: how many of each, and which. */
export interface Expected {
  lost: string[];
  duplicated: string[];
  reordered: string[];
  altered: string[];
  unexpected: number;
}

/** Ways to alter a record so that it still looks like one. */
function altered(lane: number, sequence: number, dice: Random): string {
  const text = value(lane, sequence);
  const changes = [
    () => text.replace(`"lane":${lane}`, `"lane":${(lane + 1) % LANES}`),
    () => text.replace(`"seq":${sequence}`, `"seq":${sequence + 1}`),
    () => text.replace(/"ts":\d+/, `"ts":${TIME - 1}`),
    () => text.replace(/"pad":"0/, '"pad":"1'),
    () => text.replace(/"chk":\d+/, '"chk":7'),
    () => text.replace(/,"chk":\d+/, ''),
    () => text.replace('}', ',"note":"late"}'),
  ];
  return changes[dice.upTo(changes.length)]!();
}

function invented(dice: Random, { produced }: Written): string {
  const lane = dice.upTo(LANES);
  const forms = [
    () => value(lane, produced[lane]!.attempted + 1 + dice.upTo(1000)),
    () => value(LANES + dice.upTo(3), 1 + dice.upTo(50)),
    () => value(lane, 0),
    () => 'null',
    () => '{"lane":1}',
  ];
  return forms[dice.upTo(forms.length)]!();
}

/** The output of a job that copies the input, with one to three kinds of defects; none for a sound job. */
export function sinkOf(source: Written, dice: Random, sound: boolean): { values: string[][]; expected: Expected } {
  const kinds = sound ? [] : Array.from({ length: 1 + dice.upTo(3) }, () => DEFECTS[dice.upTo(DEFECTS.length)]!);
  const expected: Expected = { lost: [], duplicated: [], reordered: [], altered: [], unexpected: 0 };
  const lanes = source.held.map((held) => held.map(String));
  const outs = lanes.map((list, lane) => list.map((it) => value(lane, Number(it))));
  const used = lanes.map(() => new Set<number>());
  /** A place with room around it in a lane, among acknowledged records. */
  const place = (): [lane: number, at: number, sequence: number] => {
    for (;;) {
      const lane = dice.upTo(LANES);
      const held = source.held[lane]!;
      const at = 1 + dice.upTo(held.length - 4);
      const sequence = held[at]!;
      const unknown = source.produced[lane]!.unknown[0]!;
      const near = [at - 2, at - 1, at, at + 1, at + 2].some((it) => used[lane]!.has(it));
      if (near || (unknown[0] - 2 <= sequence && sequence <= unknown[1])) continue;
      used[lane]!.add(at);
      return [lane, at, sequence];
    }
  };
  for (const kind of kinds) {
    for (let times = 1 + dice.upTo(3); times > 0; times--) {
      if (kind === 'invent') {
        const lane = outs[dice.upTo(LANES)]!;
        const at = dice.upTo(lane.length);
        lane[at] = `${lane[at]}\n${invented(dice, source)}`;
        expected.unexpected++;
        continue;
      }
      const [lane, at, sequence] = place();
      const list = outs[lane]!;
      const name = `${lane}:${sequence}`;
      const own = value(lane, sequence);
      const rest = list[at]!.slice(own.length);
      if (kind === 'drop') {
        list[at] = rest.slice(1);
        expected.lost.push(name);
      } else if (kind === 'repeat') {
        list[at] = `${own}\n${own}${rest}`;
        expected.duplicated.push(name);
      } else if (kind === 'swap') {
        const next = list[at + 1]!;
        list[at + 1] = own + rest;
        list[at] = next;
        expected.reordered.push(name);
      } else {
        list[at] = altered(lane, sequence, dice) + rest;
        expected.lost.push(name);
        expected.altered.push(name);
        expected.unexpected++;
      }
    }
  }
  const flat = outs.map((list) => list.flatMap((it) => it.split('\n')).filter((it) => it !== ''));
  return { values: byPartition(flat, dice), expected };
}
