import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { onPath } from '../../../../src/target/local/prerequisites.js';
import { TOOL_PATH } from '../../../../src/target/local/tool-path.js';

/** Without these no container starts. */
const NEEDED = ['bash', 'sh', 'cat', 'mkdir', 'sed', 'sleep'];
/** What people look around with, and what faults are made of; as far as this machine has them. */
const USEFUL = [
  ...[
    'ls',
    'cp',
    'mv',
    'rm',
    'ln',
    'touch',
    'chmod',
    'date',
    'env',
    'id',
    'head',
    'tail',
    'tr',
    'cut',
    'wc',
    'base64',
    'stat',
    'fallocate',
    'sort',
    'tee',
  ],
  ...[
    'dd',
    'df',
    'du',
    'kill',
    'ps',
    'grep',
    'find',
    'xargs',
    'hostname',
    'timeout',
    'ip',
    'ss',
    'tc',
    'nft',
    'iptables',
    'nsenter',
  ],
];
/** Parts of a Java that run nothing. */
const NOT_RUN = new Set(['jmods', 'include', 'man', 'docs', 'legal', 'demo', 'src.zip']);
/** Where Java is in the image. */
export const JAVA_HOME = '/opt/java';
const LDD_MS = 60_000;

const AS_ELSEWHERE: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
};

/** The programs of this machine that an image is made of, by name. */
export async function imagePrograms(): Promise<Record<string, string>> {
  const env = { PATH: TOOL_PATH };
  const found = await Promise.all([...NEEDED, ...USEFUL].map(async (name) => [name, await onPath(name, env)] as const));
  return Object.fromEntries(found.flatMap(([name, path]) => (path === undefined ? [] : [[name, path]])));
}

/**
 * Fills a folder with what bash, its friends and maybe Java need: files of this machine, as no registry is asked.
 * @param java path of a java
 */
export async function copyRootFiles(
  root: string,
  programs: Readonly<Record<string, string>>,
  java?: string,
): Promise<void> {
  for (const name of NEEDED) if (!programs[name]) throw new Error(`there is no ${name} on the PATH`);
  const folders = [
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'etc',
    'tmp',
    'root',
    'proc',
    'sys',
    'dev',
    'run',
    'var',
    'opt',
  ];
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${folder}`, join(root, folder));
  await chmod(join(root, 'tmp'), 0o1777);
  for (const [path, text] of Object.entries(AS_ELSEWHERE)) await writeFile(join(root, path), text);

  for (const [name, path] of Object.entries(programs)) {
    await copyFile(await realpath(path), join(root, 'usr/bin', name));
  }
  const home = java === undefined ? undefined : dirname(dirname(await realpath(java)));
  const own = home === undefined ? [] : await copyJava(root, home);
  const binaries = [...(await Promise.all(Object.values(programs).map((path) => realpath(path)))), ...own];
  for (const library of await librariesOf(binaries)) {
    if (home !== undefined && library.startsWith(`${home}/`)) continue;
    const copy = join(root, library);
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(library, copy);
  }
}

/** @returns its programs and libraries, where they are on this machine */
async function copyJava(root: string, home: string): Promise<string[]> {
  await cp(home, join(root, JAVA_HOME), {
    recursive: true,
    // Its settings are links to another folder, and some of them to nowhere.
    dereference: true,
    filter: (source) => existsSync(source) && !NOT_RUN.has(basename(source)),
  });
  await symlink(join(JAVA_HOME, 'bin/java'), join(root, 'usr/bin/java'));
  const files = await readdir(home, { recursive: true });
  return files.filter((path) => /(^|\/)bin\/|\.so$/.test(path)).map((path) => join(home, path));
}

/** Paths of the libraries that programs and libraries are linked to, the loader among them. */
async function librariesOf(binaries: readonly string[]): Promise<Set<string>> {
  // It fails where one of them is linked to nothing.
  const { stdout } = await execa('ldd', binaries, { stdin: 'ignore', reject: false, timeout: LDD_MS });
  return new Set([...stdout.matchAll(/^\s+(?:\S+ => )?(\/\S+)/gm)].flatMap(([, path]) => path ?? []));
}
