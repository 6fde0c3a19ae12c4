import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packLayer, writeArchive } from './archive.js';
import { lastStage } from './image-file.js';
import { copyRootFiles, imagePrograms } from './root-files.js';

const TOP = fileURLToPath(new URL('../../../../', import.meta.url));
/** Where the stage before the last one builds. */
const BUILT = '/flinch/';
export const RUNNER_IMAGE = 'flinch.invalid/flinch:1';

/**
 * The image of Flinch as its build file says, of this machine's own files instead of a base: the built sources, and the packages
 * that a run needs. @returns path of the archive, which is in `folder`
 */
export async function runnerImage(folder: string): Promise<string> {
  const {
    copied,
    env,
    folder: work,
    user,
    entrypoint,
    command,
  } = lastStage(readFileSync(join(TOP, 'scripts/image/Dockerfile'), 'utf8'));
  const archive = join(folder, 'flinch.tar');
  const parts = await mkdtemp(join(folder, 'image-'));
  try {
    const root = join(parts, 'root');
    await copyRootFiles(root, { ...(await imagePrograms()), node: process.execPath });
    const own = join(parts, 'own');
    await mkdir(join(own, work), { recursive: true });
    for (const [from, to] of copied) {
      const target = join(own, to);
      await mkdir(dirname(target), { recursive: true });
      await copyBuilt(from.replace(BUILT, ''), target);
    }
    const layers = [await packLayer(root, join(parts, 'root.tar')), await packLayer(own, join(parts, 'own.tar'))];
    await writeArchive(archive, { name: RUNNER_IMAGE, layers, command, env, entrypoint, user, folder: work });
  } finally {
    await rm(parts, { recursive: true, force: true });
  }
  return archive;
}

/** What the first stage would have made of a path. */
async function copyBuilt(path: string, target: string): Promise<void> {
  if (path === 'bin') {
    await mkdir(target);
    await symlink('../dist/cli/main.js', join(target, 'flinch'));
  } else if (path === 'node_modules') {
    for (const name of neededPackages()) await cp(join(TOP, name), join(target, '..', name), { recursive: true });
  } else {
    await cp(join(TOP, path), target, { recursive: true });
    if (path === 'dist') await chmod(join(target, 'cli/main.js'), 0o755);
  }
}

/** Folders of the packages that are there without those for development. */
function neededPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(TOP, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(packages).flatMap(([path, { dev }]) =>
    /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && existsSync(join(TOP, path)) ? [path] : [],
  );
}
