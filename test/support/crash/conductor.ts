/**
 * Keeps a cluster of stand-in processes in real namespaces, and lets runners die on it, one point after the other. After
 * each it heals from the ledger alone, or waits for the dead-man timer, and prints what is left as a JSON line. Arguments:
 * `heal` or `dead-man`, how many points, the seed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/core/clock.js';
import { messageOf } from '../../../src/core/error.js';
import { pollUntil } from '../../../src/core/poll.js';
import type { ClusterSpec } from '../../../src/core/scenario.js';
import { openLedger } from '../../../src/run/safety/ledger.js';
import { healLeftovers } from '../../../src/run/safety/leftovers.js';
import {
  connectKept,
  decideIsolation,
  endKept,
  insideNamespace,
  joinKept,
  type KeptState,
  keepCluster,
  keptLedger,
  stateDir,
  takeHandedOver,
  watchLifeline,
} from '../../../src/target/local/index.js';
import { ownScript } from '../own-script.js';
import { crashPoints, FAULTS, type Point } from './points.js';
import { type Inventory, remainsOf, takeInventory } from './remains.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
/** Of the dead-man timer, where it is the one that heals. Milliseconds. */
const LAPSE = 2_000;
/** Milliseconds for all to be as it was, and for a runner. */
const [HEALED_WITHIN, RUN_WITHIN] = [60_000, 60_000];

const [mode = 'heal', wanted = '200', seed = '1'] = process.argv.slice(2);
const spec: ClusterSpec = {
  flink: '1.20',
  highAvailability: 'zookeeper',
  jobManagers: 2,
  taskManagers: 2,
  slots: 1,
  zookeepers: 1,
  brokers: 1,
  disk: 4 * 1024 ** 2,
  flinkConfig: {},
  zookeeperConfig: {},
  kafkaConfig: {},
};
const say = (line: unknown) => console.log(JSON.stringify(line));

/** Stands where Java would. */
function standIn(): string {
  const file = join(stateDir(), 'stand-in');
  mkdirSync(stateDir(), { recursive: true });
  const words = [process.execPath, ...ownScript('crash/stand-in-node')].map((word) => `'${word}'`);
  writeFileSync(file, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

async function keep(): Promise<void> {
  const { isolation } = await decideIsolation();
  const java = { path: standIn(), major: 17, version: 'stand-in' };
  const jars = { flink: [], kafka: [], zookeeper: [] };
  const classData = { classDataDir: stateDir(), recordClassData: false };
  const prepared = { flinkVersion: '1.20.3', java, jars, ...classData, isolation, lacking: {} };
  const signal = new AbortController().signal;
  const healer = [process.execPath, MAIN];
  const timer = mode === 'dead-man' ? { lapse: LAPSE } : {};
  const state = await keepCluster(spec, prepared, { clock: systemClock, signal, healer, ...timer });
  try {
    process.exitCode = (await joinKept(state, state)) ?? 99;
  } finally {
    await endKept(systemClock);
  }
}

/** @returns what it printed, and whether it lived to its end */
async function runner(folder: string, point: Point): Promise<{ said: string; died: boolean }> {
  const args = [...ownScript('crash/runner'), folder, JSON.stringify(point)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: RUN_WITHIN });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL') console.error(`a runner ended with ${code ?? signal}`);
  return { said: said.trim(), died: signal === 'SIGKILL' };
}

async function conduct(state: KeptState): Promise<void> {
  const cluster = connectKept(state);
  const folder = join(stateDir(), 'journals');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  // A first whole run of each: what it makes once and for all is there before, and its events are known.
  const events: boolean[][] = [];
  for (const fault of FAULTS.keys()) {
    events.push(JSON.parse((await runner(folder, { fault, event: 0, delay: 0 })).said) as boolean[]);
  }
  const before = await takeInventory(cluster);
  say({ events });
  for (const point of crashPoints(events, Number(wanted), Number(seed))) {
    const { died } = await runner(folder, point);
    const open = openLedger(keptLedger()).open().length;
    const since = systemClock.mono();
    const trouble = await healed(state).then(
      () => [],
      (error: unknown) => [messageOf(error)],
    );
    const left = [...trouble, ...(await settled(cluster, before))];
    say({ ...point, died, open, tookMs: Math.round(systemClock.mono() - since), left });
  }
}

async function healed(state: KeptState): Promise<void> {
  if (mode === 'heal') return healLeftovers(state, systemClock, () => {});
  const signal = new AbortController().signal;
  const timer = async () => openLedger(keptLedger()).open().length === 0 || undefined;
  await pollUntil('the dead-man timer', timer, { every: 100, within: HEALED_WITHIN, clock: systemClock, signal });
}

/** What is left; a healer that is just ending gets its time. */
async function settled(cluster: ReturnType<typeof connectKept>, before: Inventory): Promise<string[]> {
  for (const until = systemClock.mono() + 10_000; ; ) {
    const left = await remainsOf(cluster, before);
    if (left.length === 0 || systemClock.mono() > until) return left;
    await systemClock.sleep(100);
  }
}

watchLifeline();
if (insideNamespace()) {
  const state = takeHandedOver<KeptState>();
  if (!state) throw new Error('nothing was handed over');
  await conduct(state);
  process.exit(0);
}
await keep();
