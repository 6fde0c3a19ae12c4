/** What the last stage of an image build file makes, less what it runs. */
export interface LastStage {
  /** What is copied there, from the sources or an earlier stage, and to where. */
  copied: [from: string, to: string][];
  env: Record<string, string>;
  folder: string;
  user: string;
  entrypoint: string[];
  command: string[];
}

/** @throws Error where it has what is not known here: images of tests would differ from those of users */
export function lastStage(text: string): LastStage {
  const lines = text
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const begun = lines.findLastIndex((line) => line.startsWith('FROM '));
  const stage: LastStage = { copied: [], env: {}, folder: '/', user: '', entrypoint: [], command: [] };
  for (const line of lines.slice(begun + 1)) {
    const [, name, rest = ''] = /^(\w+) +(.*)$/.exec(line) ?? [];
    const copied = /^(?:--from=\S+ )?(\S+) (\S+)$/.exec(rest);
    const pair = /^(\w+)=(\S+)$/.exec(rest);
    if (name === 'RUN') continue;
    if (name === 'COPY' && copied) stage.copied.push([copied[1] ?? '', copied[2] ?? '']);
    else if (name === 'ENV' && pair) stage.env[pair[1] ?? ''] = pair[2] ?? '';
    else if (name === 'WORKDIR') stage.folder = rest;
    else if (name === 'USER') stage.user = rest;
    else if (name === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest) as string[];
    else if (name === 'CMD') stage.command = JSON.parse(rest) as string[];
    else throw new Error(`not known of an image build file: ${line}`);
  }
  return stage;
}
