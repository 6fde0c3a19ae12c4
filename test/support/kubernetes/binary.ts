import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheDir } from '../../../src/target/local/paths.js';
import { onPath } from '../../../src/target/local/prerequisites.js';
import { identifyProcess } from '../../../src/target/local/process-identity.js';
import { startReaper } from '../../../src/target/local/reaper.js';

/** Milliseconds: 12 minutes of CPU from nothing, on cores that others use too, and 700 MB of modules before it. */
const BUILD_MS = 30 * 60_000;
/** Minor version of Go 1. */
const OLDEST = 21;
const SOURCES = ['go.mod', 'go.sum', 'main.go'] as const;
const folder = fileURLToPath(new URL('../../kubernetes/kube', import.meta.url));

/** Without these the server calls itself v0.0.0-master+$Format:%H$, which no client can read. */
async function linkerFlags(): Promise<string> {
  const module = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(await readFile(join(folder, 'go.mod'), 'utf8'));
  const [, gitVersion = '', gitMajor = '', gitMinor = ''] = module ?? [];
  const said = { gitVersion, gitMajor, gitMinor };
  const flags = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) =>
    Object.entries(said).map(([key, value]) => `-X ${name}.${key}=${value}`),
  );
  return ['-s', '-w', ...flags].join(' ');
}

/**
 * The programs of a Kubernetes cluster as one binary, compiled unless the cache has it; `missing` says why there is none.
 * @throws Error with the last lines of the compiler's output
 */
export async function kubeBinary(): Promise<{ path: string } | { missing: string }> {
  const home = join(cacheDir(), 'kube', await digest());
  const path = join(home, 'kube');
  if (await exists(path)) return { path };
  const go = await onPath('go');
  if (!go) return { missing: 'there is no go on the PATH, which compiles the control plane of Kubernetes' };
  const { stdout: version } = await execa(go, ['env', 'GOVERSION'], { timeout: 30_000 });
  const [, minor] = /^go1\.(\d+)/.exec(version) ?? [];
  // Older ones cannot fetch the one that go.mod asks for.
  if (Number(minor) < OLDEST) return { missing: `${version} cannot compile Kubernetes: go 1.${OLDEST} is needed` };
  await mkdir(join(cacheDir(), 'kube'), { recursive: true });
  const temporary = await mkdtemp(`${home}-`);
  try {
    await build(go, temporary);
    // Two may build at once: the first gives its folder the name, and the other takes that one.
    await rename(temporary, home).catch(async (error) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { path };
}

async function digest(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of SOURCES) hash.update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

async function build(go: string, into: string): Promise<void> {
  const flags = await linkerFlags();
  const reaper = startReaper(into);
  try {
    const run = execa(go, ['build', '-trimpath', '-ldflags', flags, '-o', join(into, 'kube'), '.'], {
      cwd: folder,
      env: { CGO_ENABLED: '0' },
      stdin: 'ignore',
      all: true,
      reject: false,
      timeout: BUILD_MS,
      forceKillAfterDelay: 2000,
    });
    const identity = run.pid === undefined ? undefined : identifyProcess(run.pid);
    if (identity) reaper.watch(identity);
    const { failed, timedOut, all, shortMessage } = await run;
    if (!failed) return;
    const why = timedOut ? `not done after ${BUILD_MS / 60_000} min` : shortMessage;
    throw new Error(`Kubernetes could not be compiled: ${why}\n${all.split('\n').slice(-20).join('\n')}`);
  } finally {
    reaper.dismiss();
  }
}

/** Skips the tests of a suite, and says why, where there is no binary and nothing to compile it with. */
export async function needsKubernetes(context: Mocha.Context): Promise<void> {
  const binary = await kubeBinary();
  if (!('missing' in binary)) return;
  process.stdout.write(`    skipped: ${binary.missing}\n`);
  context.skip();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
