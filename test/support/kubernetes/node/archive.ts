import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Milliseconds for one call of tar, on a disk that others use too. */
const TAR_MS = 5 * 60_000;

const tar = (...args: string[]) => execa('tar', args, { stdin: 'ignore', timeout: TAR_MS });

/** A folder as a layer of an image. */
export interface Layer {
  path: string;
  digest: string;
}

/** Packs a folder, so that the same files give the same layer. */
export async function packLayer(folder: string, path: string): Promise<Layer> {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await tar(...same, '-cf', path, '-C', folder, '.');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { path, digest: hash.digest('hex') };
}

export interface Image {
  /** With its tag. */
  name: string;
  /** The lowest first. */
  layers: readonly Layer[];
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  /** What runs the command; the command itself unless told. */
  entrypoint?: readonly string[];
  /** Whoever it starts as, root unless told, and where. */
  user?: string;
  folder?: string;
}

/** What `docker save` would write: a list of images, the settings of the one, and its layers. */
export async function writeArchive(path: string, image: Image): Promise<void> {
  const { name, layers, command, env, entrypoint, user, folder: work } = image;
  const settings = JSON.stringify({
    // Node's names of processors and those of images are not the same.
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Cmd: command,
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(user && { User: user }),
      ...(work && { WorkingDir: work }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
  });
  const config = `${createHash('sha256').update(settings).digest('hex')}.json`;
  const folder = `${path}.parts`;
  await mkdir(folder, { recursive: true });
  try {
    const names = layers.map(({ digest }) => `${digest}.tar`);
    await Promise.all(layers.map((layer, i) => symlink(layer.path, join(folder, names[i] ?? ''))));
    await writeFile(join(folder, config), settings);
    await writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify([{ Config: config, RepoTags: [name], Layers: names }]),
    );
    await mkdir(dirname(path), { recursive: true });
    await tar('--dereference', '-cf', path, '-C', folder, 'manifest.json', config, ...names);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
