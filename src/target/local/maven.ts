import { execa } from 'execa';

/** Milliseconds for one component's jars; a first run over a slow line fetches 180 MB. */
export const RESOLVE_TIME = 20 * 60_000;

export interface MavenFailure {
  /** Coordinates that could not be found, e.g. `org.apache.flink:flink-sql-gateway:1.20.4`. */
  artifact?: string;
  /** Maven's own words: why the artifact could not be had, or its first lines of error. */
  lines: string[];
}

const withoutHelp = (line: string): string => line.replace(/\s*-> \[Help \d+\]$/, '');

/** What a failed run of Maven says. The artifact's type ("jar", "pom") is left out of its coordinates. */
export function readFailure(output: string): MavenFailure {
  const lines = output
    .split('\n')
    .flatMap((line) => /^\[ERROR\] (?!\[Help|Re-run|To see|For more|->)(.+)$/.exec(line)?.[1] ?? []);
  const text = lines.join('\n');
  const found =
    /Could not find artifact ([\w.-]+):([\w.-]+):[\w-]+:([\w.-]+)/.exec(text) ??
    /Failure to find ([\w.-]+):([\w.-]+):[\w-]+:([\w.-]+)/.exec(text) ??
    /([\w.-]+):([\w.-]+):(?:jar|pom):([\w.-]+) was not found in/.exec(text) ??
    /Could not transfer artifact ([\w.-]+):([\w.-]+):[\w-]+:([\w.-]+)/.exec(text);
  if (!found) return { lines: lines.slice(0, 3).map(withoutHelp) };
  // From the coordinates on: before them Maven repeats the project, after the line it explains itself.
  const reason = text.slice(found.index).split('\n')[0] ?? '';
  return { artifact: found.slice(1, 4).join(':'), lines: [withoutHelp(reason)] };
}

/** Maven's own parts arrive on the first run too and do not count. */
const MAVENS_OWN = /\/org\/(apache\/maven|codehaus\/plexus|sonatype|eclipse\/(aether|sisu))\//;

/** A jar's name in a line of Maven's output, when it has arrived from a repository or been copied. */
export function arrivedJar(line: string): string | undefined {
  if (MAVENS_OWN.test(line)) return undefined;
  return /(?:Downloaded from .*\/|Copying )([^/\s]+\.jar)\b/.exec(line)?.[1];
}

/**
 * Copies the runtime jars of a pom into a directory. `onJar` gets the number of jars that have arrived so far.
 * @returns the failure, or undefined when all went well. Rejects with the signal's reason when it is aborted.
 */
export async function copyDependencies(
  mvn: string,
  pom: string,
  into: string,
  onJar: (count: number) => void,
  signal: AbortSignal,
): Promise<MavenFailure | undefined> {
  const arrived = new Set<string>();
  const run = execa(
    mvn,
    ['-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${into}`],
    {
      stdin: 'ignore',
      all: true,
      reject: false,
      timeout: RESOLVE_TIME,
      cancelSignal: signal,
      forceKillAfterDelay: 2000,
    },
  );
  for await (const line of run.iterable({ from: 'all' })) {
    const jar = arrivedJar(String(line));
    if (!jar || arrived.has(jar)) continue;
    arrived.add(jar);
    onJar(arrived.size);
  }
  const result = await run;
  signal.throwIfAborted();
  if (!result.failed) return undefined;
  if (result.timedOut) return { lines: [`Maven was not done after ${RESOLVE_TIME / 60_000} min`] };
  const failure = readFailure(result.all ?? '');
  return failure.lines.length ? failure : { ...failure, lines: [result.shortMessage ?? 'Maven failed'] };
}
