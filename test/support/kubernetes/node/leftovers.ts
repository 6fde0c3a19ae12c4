import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { TOOL_PATH } from '../../../../src/target/local/tool-path.js';
import { cgroupsOf } from './cgroups.js';

/** What is there of a node now, a line each: processes, mounts and control groups of this machine, and its network here. */
export async function leftoversOf({ dir, group }: { dir: string; group: string }): Promise<string[]> {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const ours = command.includes(dir) || read(`/proc/${pid}/cgroup`).includes(group);
      return ours ? [`process ${pid}: ${command}`] : [];
    });
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(dir) || line.includes('/netns/cni-'));
  const list = async (args: readonly string[]): Promise<string[]> => {
    const { stdout } = await execa('ip', args, { env: { PATH: TOOL_PATH }, stdin: 'ignore', timeout: 20_000 });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const links = (await list(['-brief', 'link'])).filter((line) => !/^(lo|tunl0|sit0|ip6tnl0|gre\S*)\b/.test(line));
  const namespaces = await list(['netns', 'list']);
  return [...processes, ...mounts, ...cgroupsOf(group), ...links, ...namespaces];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone since it was listed.
    return '';
  }
}
