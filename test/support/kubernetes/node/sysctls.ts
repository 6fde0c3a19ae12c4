import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What kubelet finds the kernel's settings to be, as it would make them: of the whole machine, if it were let. */
const WANTED: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

const file = (key: string): string => join('/proc/sys', key);

/**
 * Files that look to kubelet as if the settings were what it wants, so that it writes nothing: each is to be mounted, in
 * kubelet's own mount namespace, over the real one.
 * @param dir where they are made
 * @returns pairs of such a file and the one to cover
 */
export function coversOf(dir: string): [cover: string, covered: string][] {
  return Object.entries(WANTED).map(([key, value]) => {
    const cover = join(dir, key.replaceAll('/', '.'));
    writeFileSync(cover, `${value}\n`);
    return [cover, file(key)];
  });
}

/** The settings of this machine that kubelet cares for. */
export const sysctls = (): Record<string, string> =>
  Object.fromEntries(Object.keys(WANTED).map((key) => [key, readFileSync(file(key), 'utf8').trim()]));
