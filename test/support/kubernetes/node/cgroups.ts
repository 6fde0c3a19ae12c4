import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MOUNT = '/sys/fs/cgroup';

/** The roots of all hierarchies of control groups: many in the first version, one in the second. */
export function cgroupRoots(): string[] {
  const has = (path: string) => existsSync(join(path, 'cgroup.procs'));
  if (has(MOUNT)) return [MOUNT];
  if (!existsSync(MOUNT)) return [];
  return readdirSync(MOUNT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && has(join(MOUNT, entry.name)))
    .map(({ name }) => join(MOUNT, name));
}

/** Makes a group of that name in each hierarchy: kubelet wants the root of its groups to be there. */
export function makeCgroups(name: string): void {
  for (const root of cgroupRoots()) mkdirSync(join(root, name), { recursive: true });
}

/** The groups of a name and all below them, as paths. */
export function cgroupsOf(name: string): string[] {
  return cgroupRoots()
    .map((root) => join(root, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, ...below(path)]);
}

function below(path: string): string[] {
  try {
    const groups = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return groups.flatMap(({ name }) => [join(path, name), ...below(join(path, name))]);
  } catch {
    // Gone since it was listed.
    return [];
  }
}

/** Ids of the processes of a group, as this process sees them. */
export function processesOf(cgroup: string): number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
