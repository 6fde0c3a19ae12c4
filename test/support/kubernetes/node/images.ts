import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { resolveJars } from '../../../../src/target/local/artifacts.js';
import { cacheDir } from '../../../../src/target/local/paths.js';
import { findJava } from '../../../../src/target/local/prerequisites.js';
import { KUBERNETES_LINES, type KubernetesLine } from '../flink.js';
import { packLayer, writeArchive } from './archive.js';
import { copyRootFiles, imagePrograms, JAVA_HOME } from './root-files.js';

/** Changes with what is done below to make images of the same files. */
const RECIPE = '1';
const PAUSE_FOLDER = fileURLToPath(new URL('../../../kubernetes/pause', import.meta.url));
const GO_MS = 5 * 60_000;
const FETCH_MS = 20 * 60_000;

/** Names that nobody can pull from: the tests' images are on the node or nowhere. */
export const PAUSE_IMAGE = 'flinch.invalid/pause:1';
export const flinkImage = (line: KubernetesLine): string => `flinch.invalid/flink:${line}`;
/** The jars of Flink in its image. */
export const FLINK_LIB = '/opt/flink/lib';

/** Images as `docker save` writes them. */
export interface Images {
  /** Path of the archive of an image, by the image's name. */
  readonly archives: Readonly<Record<string, string>>;
  /** Path of the program of the pause image. */
  readonly pause: string;
}

const LINES = Object.keys(KUBERNETES_LINES) as KubernetesLine[];

/**
 * The images of the tests, made of this machine's own files unless the cache has them.
 * @throws Error when go, tar or a program for the images is missing or fails; FlinchError ARTIFACT_UNRESOLVED, PREREQUISITE_MISSING
 */
export async function nodeImages(onProgress: (text: string) => void = () => {}): Promise<Images> {
  const options = { cache: cacheDir(), onProgress, signal: AbortSignal.timeout(FETCH_MS) };
  const jars = new Map<KubernetesLine, string[]>();
  for (const line of LINES) jars.set(line, await resolveJars(KUBERNETES_LINES[line], options));
  const [java, programs] = [await findJava(), await imagePrograms()];

  const source = await readFile(join(PAUSE_FOLDER, 'main.go'), 'utf8');
  const parts = [RECIPE, source, java.path, java.version, ...[...jars.values()].flat()];
  // A program that was updated is another one.
  for (const [name, path] of Object.entries(programs))
    parts.push(`${name} ${statSync(path).size} ${statSync(path).mtimeMs}`);
  const home = join(
    cacheDir(),
    'kube-images',
    createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12),
  );
  const images: Images = {
    pause: join(home, 'pause'),
    archives: Object.fromEntries([
      [PAUSE_IMAGE, join(home, 'pause.tar')],
      ...LINES.map((line) => [flinkImage(line), join(home, `flink-${line}.tar`)]),
    ]),
  };
  if (existsSync(images.pause)) return images;
  onProgress('images for pods, of this machine');
  await mkdir(join(cacheDir(), 'kube-images'), { recursive: true });
  const temporary = await mkdtemp(`${home}-`);
  try {
    const work = join(temporary, 'work');
    await mkdir(work);
    await makePause(work, temporary);
    await makeFlink(work, temporary, jars, (root) => copyRootFiles(root, programs, java.path));
    await rm(work, { recursive: true });
    // Two may make them at once: the first gives its folder the name, and the other takes that one.
    await rename(temporary, home).catch((error) => {
      if (!existsSync(images.pause)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return images;
}

async function makePause(work: string, into: string): Promise<void> {
  const program = join(into, 'pause');
  await execa('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', program, '.'], {
    cwd: PAUSE_FOLDER,
    env: { CGO_ENABLED: '0' },
    stdin: 'ignore',
    timeout: GO_MS,
  });
  const root = join(work, 'pause');
  await mkdir(root);
  await copyFile(program, join(root, 'pause'));
  const layers = [await packLayer(root, join(work, 'pause-layer.tar'))];
  await writeArchive(join(into, 'pause.tar'), { name: PAUSE_IMAGE, layers, command: ['/pause'], env: {} });
}

/** One layer that all lines share, and one with the jars of each. */
async function makeFlink(
  work: string,
  into: string,
  jars: ReadonlyMap<KubernetesLine, string[]>,
  fill: (root: string) => Promise<void>,
): Promise<void> {
  const root = join(work, 'root');
  await fill(root);
  const below = await packLayer(root, join(work, 'root-layer.tar'));
  for (const [line, paths] of jars) {
    const folder = join(work, `flink-${line}`);
    const lib = join(folder, FLINK_LIB);
    await mkdir(lib, { recursive: true });
    await Promise.all(paths.map((path) => cp(path, join(lib, basename(path)))));
    if ((await readdir(lib)).length !== paths.length) throw new Error(`two jars of Flink ${line} have one name`);
    const layers = [below, await packLayer(folder, join(work, `flink-${line}-layer.tar`))];
    const env = { PATH: '/usr/bin:/usr/sbin', JAVA_HOME };
    await writeArchive(join(into, `flink-${line}.tar`), { name: flinkImage(line), layers, command: ['bash'], env });
  }
}
