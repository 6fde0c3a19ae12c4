import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fourLetterWord } from '../../src/client/zookeeper/four-letter.js';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { resolveJars, ZOOKEEPER } from '../../src/target/local/artifacts.js';
import { LOG4J1, toProperties } from '../../src/target/local/config/logging.js';
import { freePorts } from '../../src/target/local/free-ports.js';
import { cacheDir } from '../../src/target/local/paths.js';
import { findJava } from '../../src/target/local/prerequisites.js';
import { identifyProcess } from '../../src/target/local/process-identity.js';
import { startReaper } from '../../src/target/local/reaper.js';

/** A ZooKeeper of one server as a plain process, for tests. It ends with this process, however it ends. */
export interface TestZooKeeper {
  /** host:port */
  readonly server: string;
  end(): Promise<void>;
}

const START_MS = 60_000;

/** @param host the address that clients reach it at */
export async function startZooKeeper(host: string): Promise<TestZooKeeper> {
  const java = (await findJava()).path;
  const signal = AbortSignal.timeout(20 * 60_000);
  const jars = await resolveJars(ZOOKEEPER, { cache: cacheDir(), onProgress: () => {}, signal });
  const dir = mkdtempSync(join(tmpdir(), 'flinch-zookeeper-'));
  const reaper = startReaper(dir);
  const [port = 0] = await freePorts(1);
  const file = (name: string) => join(dir, name);
  writeFileSync(file('log4j.properties'), LOG4J1);
  const config = {
    tickTime: '2000',
    dataDir: dir,
    clientPort: String(port),
    clientPortAddress: host,
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
  };
  writeFileSync(file('zoo.cfg'), toProperties(config));
  const log = openSync(file('log'), 'a');
  const flags = ['-Xmx64m', '-XX:TieredStopAtLevel=1', `-Dlog4j.configuration=file:${file('log4j.properties')}`];
  const main = ['org.apache.zookeeper.server.quorum.QuorumPeerMain', file('zoo.cfg')];
  const child: ChildProcess = spawn(java, [...flags, '-cp', jars.join(delimiter), ...main], {
    stdio: ['ignore', log, log],
    cwd: dir,
  });
  closeSync(log);
  const identity = identifyProcess(child.pid ?? 0);
  if (identity) reaper.watch(identity);
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    reaper.dismiss();
    rmSync(dir, { recursive: true, force: true });
  };
  const serves = async () =>
    (await fourLetterWord(`${host}:${port}`, 'ruok', { timeoutMs: 1_000 })) === 'imok' || undefined;
  try {
    const poll = { every: 100, within: START_MS, clock: systemClock, signal };
    await pollUntil('ZooKeeper to serve', serves, poll);
  } catch (cause) {
    const said = readFileSync(file('log'), 'utf8').slice(-2000);
    await end();
    throw new Error(`ZooKeeper does not serve: ${said}`, { cause });
  }
  return { server: `${host}:${port}`, end };
}
