const LONGEST = 500;

/** "org.apache.flink.table.api.ValidationException: text" -> "ValidationException: text". */
const withoutPackage = (line: string): string => line.replace(/^(?:[a-z_][\w$]*\.)+(?=[A-Z])/, '');

/** A frame, "... 12 more", or the lines with which Flink surrounds a server's stack trace. */
const isNoise = (line: string): boolean =>
  /^\s*at \S+\(|^\s*\.\.\. \d+ (?:more|common)|^<Exception on server side:$|^End of exception on server side>$/.test(
    line,
  );

/** The innermost exception of a Java stack trace with its message, in one line of at most 500 characters. */
export function rootCauseOfTrace(trace: string): string {
  const lines = trace.split(/\r?\n/);
  let from = lines.findLastIndex((line) => /^\s*Caused by: /.test(line));
  if (from < 0) from = lines.findIndex((line) => line.trim() !== '' && !isNoise(line));
  if (from < 0) return '';
  const message: string[] = [];
  for (const line of lines.slice(from)) {
    if (message.length > 0 && (isNoise(line) || /^\s*Suppressed: /.test(line))) break;
    if (line.trim() !== '') message.push(line.trim());
  }
  const first = withoutPackage((message[0] ?? '').replace(/^Caused by: /, ''));
  const line = [first, ...message.slice(1)].join(' ').replace(/\s*End of exception on server side>$/, '');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** The root cause in a body `{"errors": [...]}` as Flink's REST API and SQL gateway send it; else the body's start. */
export function rootCauseOfBody(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    if (Array.isArray(errors)) {
      // The last entry carries the stack trace; the ones before it are headings like "Internal server error.".
      const last = errors.filter((entry) => typeof entry === 'string' && entry.trim() !== '').at(-1);
      if (typeof last === 'string') return rootCauseOfTrace(last);
    }
  } catch {
    // Not JSON: show what there is.
  }
  return body.trim().replace(/\s+/g, ' ').slice(0, 200);
}
