import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterSpec } from '../../../src/core/scenario.js';
import { connectorJars, readDistribution } from '../../../src/target/local/flink-home.js';
import { freePorts } from '../../../src/target/local/free-ports.js';
import { misfit, misfitOfFlink } from '../../../src/target/local/kept/fits.js';
import {
  claimKept,
  findKept,
  forgetKept,
  type KeptState,
  keptDir,
  writeKept,
} from '../../../src/target/local/kept/state.js';
import { listenOnHost } from '../../../src/target/local/kept/web-ui.js';
import { tellingLines } from '../../../src/target/local/log-tail.js';
import { fitForClasspath } from '../../../src/target/local/prepare.js';
import { identifyProcess } from '../../../src/target/local/process-identity.js';

const spec: ClusterSpec = {
  flink: '2.2',
  highAvailability: 'zookeeper',
  jobManagers: 2,
  taskManagers: 2,
  slots: 2,
  zookeepers: 1,
  brokers: 1,
  disk: 1,
  flinkConfig: { a: '1' },
  zookeeperConfig: {},
  kafkaConfig: {},
};

describe('a kept cluster', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flinch-test-'));
    process.env.FLINCH_STATE = dir;
  });
  afterEach(() => {
    delete process.env.FLINCH_STATE;
    rmSync(dir, { recursive: true });
  });

  const keep = (pid: number) =>
    writeKept({ daemon: identifyProcess(pid), webUi: 'http://127.0.0.1:1', prepared: {} } as unknown as KeptState);

  it('exists once', async () => {
    await claimKept();
    await assert.rejects(claimKept(), { code: 'CLUSTER_EXISTS', message: /being started/ });
    await keep(process.pid);
    await assert.rejects(claimKept(), { code: 'CLUSTER_EXISTS', message: /flinch down/ });
    assert.ok(await findKept());
    await forgetKept();
    assert.equal(await findKept(), undefined);
    await claimKept();
  });

  it('is forgotten when its daemon is dead', async () => {
    const child = spawn('sleep', ['300'], { stdio: 'ignore' });
    await claimKept();
    await keep(child.pid ?? 0);
    assert.ok(await findKept());
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await findKept(), undefined);
    assert.equal(existsSync(keptDir()), false);
  });

  it('gives way when the one who was starting it is dead', async () => {
    mkdirSync(keptDir(), { recursive: true });
    writeFileSync(join(keptDir(), 'starting.json'), JSON.stringify({ pid: 1, startTime: '0', bootId: 'x' }));
    await claimKept();
  });

  it('fits a scenario only when it is what the scenario asks for', () => {
    assert.equal(misfit(spec, { ...spec }), undefined);
    assert.match(misfit(spec, { ...spec, flink: '2.3' }) ?? '', /flink 2\.2.*wants 2\.3/);
    assert.match(misfit(spec, { ...spec, taskManagers: 3 }) ?? '', /taskManagers/);
    assert.match(misfit(spec, { ...spec, flinkConfig: {} }) ?? '', /flinkConfig differs in a/);
    assert.match(
      misfit(spec, { ...spec, zookeeperConfig: { tickTime: '500' } }) ?? '',
      /zookeeperConfig differs in tickTime/,
    );
    assert.match(misfit(spec, { ...spec, kafkaConfig: { k: '3' } }) ?? '', /kafkaConfig differs in k/);
  });

  it('fits only the very Flink that is asked for, not another build of its version', () => {
    const flink = (flinkVersion: string, jar: string) => ({
      flinkVersion,
      jars: { flink: [jar], kafka: [], zookeeper: [] },
    });
    assert.equal(misfitOfFlink(flink('2.2.0', '/a'), flink('2.2.0', '/a')), undefined);
    assert.match(misfitOfFlink(flink('2.2.0', '/a'), flink('2.2.1', '/a')) ?? '', /Flink 2\.2\.0, not 2\.2\.1/);
    assert.match(misfitOfFlink(flink('2.2.0', '/a'), flink('2.2.0', '/b')) ?? '', /other jars/);
  });

  it('says when the port of its web UI is taken', async () => {
    const [port = 0] = await freePorts(1);
    const holder = createServer().listen(port, '127.0.0.1');
    await once(holder, 'listening');
    await assert.rejects(listenOnHost(port), { code: 'PORT_IN_USE' });
    holder.close();
    const any = await listenOnHost(undefined);
    assert.match(any.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    any.close();
  });
});

describe('a folder of jars', () => {
  it('cannot have the separator of a classpath in its path', () => {
    assert.throws(() => fitForClasspath('/opt/flink:1.20'), {
      code: 'USAGE',
      message: /":".*--flink-home \/opt\/flink:1\.20/,
    });
    fitForClasspath('/opt/flink-1.20');
  });
});

describe('what the local target reads', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flinch-test-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('a distribution: its version, lib, and the gateway from opt', async () => {
    for (const sub of ['lib', 'opt']) mkdirSync(join(dir, sub));
    await assert.rejects(readDistribution(dir), { code: 'USAGE', message: /flink-dist/ });
    writeFileSync(join(dir, 'lib', 'flink-dist-1.20.1.jar'), '');
    await assert.rejects(readDistribution(dir), { code: 'USAGE', message: /gateway/ });
    // The gateway's interfaces are not the gateway.
    const api = join(dir, 'lib', 'flink-sql-gateway-api-1.20.1.jar');
    writeFileSync(api, '');
    await assert.rejects(readDistribution(dir), { code: 'USAGE', message: /gateway/ });
    rmSync(api);
    for (const name of ['flink-sql-gateway-1.20.1.jar', 'flink-python-1.20.1.jar'])
      writeFileSync(join(dir, 'opt', name), '');
    const found = await readDistribution(dir);
    assert.equal(found.version, '1.20.1');
    assert.equal(found.hasKafkaConnector, false);
    assert.equal(found.jars.length, 2);
    writeFileSync(join(dir, 'lib', 'flink-sql-connector-kafka-3.4.0-1.20.jar'), '');
    assert.equal((await readDistribution(dir)).hasKafkaConnector, true);
    await assert.rejects(readDistribution(join(dir, 'none')), { code: 'USAGE' });
    const set = [
      '/l/flink-runtime-1.20.3.jar',
      '/l/flink-connector-kafka-3.4.0-1.20.jar',
      '/l/kafka-clients-3.4.0.jar',
    ];
    assert.deepEqual(connectorJars(set), set.slice(1));
  });

  it('the lines of a log that tell what went wrong', () => {
    const log = join(dir, 'node.log');
    writeFileSync(log, 'INFO fine\nERROR x failed\njava.io.IOException: no\n\tat a.b.c\nCaused by: d\nINFO last\n');
    assert.deepEqual(tellingLines(log), ['ERROR x failed', 'java.io.IOException: no', 'Caused by: d']);
    writeFileSync(log, 'one\ntwo\n');
    assert.deepEqual(tellingLines(log, 1), ['two']);
    assert.deepEqual(tellingLines(join(dir, 'none')), []);
  });

  it('ports that are different and free', async () => {
    const ports = await freePorts(40);
    assert.equal(new Set(ports).size, 40);
  });
});
