import { eventsOf } from '../../judge/events-of.js';
import { outputLooks } from '../../judge/output-looks.js';
import type { Frame } from './frame.js';

/** A value at a moment: seconds since time 0. */
export interface Point {
  t: number;
  value: number;
}

/** No plot needs more points than this to be read. */
const MOST = 450;

/** Width of one bucket in seconds: a whole number, so that rates of equal buckets compare. */
export const bucketOf = ({ span }: Frame): number => Math.max(1, Math.ceil((span[1] - span[0]) / 1000 / MOST));

/** Sums increments per bucket and turns them into a rate per second; buckets without any are 0. */
export function rates(increments: readonly Point[], from: number, to: number, bucket: number): Point[] {
  const sums = new Map<number, number>();
  for (const { t, value } of increments) {
    const key = Math.floor(t / bucket);
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  const points: Point[] = [];
  // Only whole buckets: half a bucket would look like half the rate.
  for (let key = Math.ceil(from / bucket); (key + 1) * bucket <= to; key++) {
    points.push({ t: (key + 0.5) * bucket, value: (sums.get(key) ?? 0) / bucket });
  }
  return points;
}

const seconds = (frame: Frame, mono: number): number => (mono - frame.zero) / 1000;

const ends = (frame: Frame): [number, number] => [seconds(frame, frame.span[0]), seconds(frame, frame.span[1])];

/** Records acknowledged to the producer, a second. */
export function acknowledgedRate(frame: Frame): Point[] {
  const loads = eventsOf(frame.events, 'observed.load');
  const steps = loads.slice(1).map((load, i) => {
    const before = loads[i] as (typeof loads)[number];
    return { t: seconds(frame, load.mono), value: Math.max(0, load.acknowledged - before.acknowledged) };
  });
  return steps.length === 0 ? [] : rates(steps, ...ends(frame), bucketOf(frame));
}

/** Records found at the source of an attached job, a second. */
export function sourceRate(frame: Frame): Point[] {
  const found = eventsOf(frame.events, 'observed.source').map((e) => ({ t: seconds(frame, e.end), value: e.records }));
  return found.length === 0 ? [] : rates(found, ...ends(frame), bucketOf(frame));
}

/** Records found in the committed output, a second. */
export function committedRate(frame: Frame): Point[] {
  const found = outputLooks(frame.events).map((look) => ({ t: seconds(frame, look.end), value: look.records }));
  return found.length === 0 ? [] : rates(found, ...ends(frame), bucketOf(frame));
}

/** Acknowledged records that are not yet in the committed output; the highest value of each bucket. */
export function lagSeries(frame: Frame): Point[] {
  const bucket = bucketOf(frame) > 1 ? bucketOf(frame) : 0.25;
  const tops = new Map<number, Point>();
  for (const { end, lag } of outputLooks(frame.events)) {
    if (lag === undefined || end < frame.span[0] || end > frame.span[1]) continue;
    const point = { t: seconds(frame, end), value: lag };
    const key = Math.floor(point.t / bucket);
    if ((tops.get(key)?.value ?? -1) < lag) tops.set(key, point);
  }
  return [...tops.values()];
}
