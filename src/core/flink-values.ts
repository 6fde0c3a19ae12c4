/** Behind a value that nobody set: the system's own default. */
export const DEFAULT_MARK = ' (default)';

/** Milliseconds of a duration as Flink's configuration writes it ("6 s", "6000", "1min"). Undefined when it is none. */
export function flinkDuration(text: string): number | undefined {
  const match = /^\s*(\d+)\s*([a-zµ]*)\s*$/i.exec(text);
  const factor = UNITS[(match?.[2] ?? '?').toLowerCase()];
  return match && factor !== undefined ? Number(match[1]) * factor : undefined;
}

const UNITS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    [
      [86_400_000, 'd', 'day', 'days'],
      [3_600_000, 'h', 'hour', 'hours'],
      [60_000, 'm', 'min', 'minute', 'minutes'],
      [1000, 's', 'sec', 'secs', 'second', 'seconds'],
      [1, '', 'ms', 'milli', 'millis', 'millisecond', 'milliseconds'],
    ] as const
  ).flatMap(([factor, ...names]) => names.map((name) => [name, factor])),
);
