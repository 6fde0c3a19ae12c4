import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { predictScenarios } from '../../../src/cli/predict.js';
import { writtenSettings } from '../../../src/cli/written-case.js';
import { hasCode } from '../../support/has-code.js';
import { json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';
import { scenarioText } from '../../support/scenario-texts.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const SESSION = 'high-availability.zookeeper.client.session-timeout';

describe('flinch predict', () => {
  const folder = temporaryFolder();
  async function said(text: string, options: Partial<Parameters<typeof predictScenarios>[1]> = {}): Promise<string> {
    const file = join(folder(), 'a.yaml');
    writeFileSync(file, text);
    const { write } = process.stdout;
    let all = '';
    process.stdout.write = ((chunk: string) => {
      all += chunk;
      return true;
    }) as typeof write;
    try {
      assert.equal(await predictScenarios([file], { set: {}, ...options }), 0);
    } finally {
      process.stdout.write = write;
    }
    return all;
  }

  it('says what becomes of the job, when, and by which setting', async () => {
    const text = await said(scenarioText(), { set: { [SESSION]: '9s' } });
    assert.match(text, /what its settings promise, with .*session-timeout = 9s/);
    assert.match(text, /fault 1, kill: a JobManager takes over/);
    assert.match(text, /leadershipLost +6\.00 s to .*session-timeout = 9s/);
  });

  it('takes what a server grants from its ticks', async () => {
    const text = await said(scenarioText({ objectives: '{ recovery: { within: 30s } }' }), {
      set: { 'zookeeper.tickTime': '2000', [SESSION]: '60s' },
    });
    assert.match(
      text,
      /leadershipLost +26\.67 s to 43\.00 s .*session-timeout = 60s, zookeeper\.maxSessionTimeout = 40000/,
    );
    assert.match(text, /recovery within 30s: may be missed: 26\.67 s to 60\.00 s/);
    assert.match(text, /kept with .*session-timeout = 10s\n +which costs: a leader that stands still/);
  });

  it('tells the backlog where it is told what the job can process', async () => {
    const text = await said(scenarioText(), { capacity: '5000/s' });
    assert.match(text, /up to \d+ records wait then; at 4000\/s beyond what comes in they are gone in/);
    assert.match(text, /caughtUp/);
    await assert.rejects(said(scenarioText(), { capacity: 'lots' }), hasCode('USAGE', /--capacity lots/));
  });

  describe('of a cluster that runs', () => {
    const JOB = 'a'.repeat(32);
    let server: LyingHttpServer;
    let zookeeper: Server | undefined;
    const running = (...ids: string[]) =>
      json({
        jobs: ids.map((jid) => ({
          ...{ jid, name: 'orders', state: 'RUNNING', 'start-time': 1, 'last-modification': 1 },
          tasks: { total: 3, running: 3, finished: 0 },
        })),
      });
    before(async () => {
      zookeeper = createServer((socket) =>
        socket.once('data', () => socket.end('tickTime=500\nminSessionTimeout=1000\nmaxSessionTimeout=10000\n')),
      );
      await new Promise<void>((resolve) => zookeeper?.listen(0, '127.0.0.1', resolve));
      const at = `127.0.0.1:${(zookeeper.address() as AddressInfo).port}`;
      const config = {
        'high-availability.type': 'zookeeper',
        'high-availability.zookeeper.quorum': at,
        [SESSION]: '20 s',
        'heartbeat.timeout': '7 s',
      };
      server = await startLyingHttp({
        '/jobmanager/config': json(Object.entries(config).map(([key, value]) => ({ key, value }))),
        '/overview': json({ taskmanagers: 3, 'slots-total': 6, 'slots-available': 3, 'flink-version': '1.20.3' }),
        '/jobs/overview': running(JOB),
        [`/jobs/${JOB}`]: json({
          ...{ jid: JOB, name: 'orders', state: 'RUNNING', now: 1, timestamps: {} },
          vertices: [{ id: 'v', name: 'v', parallelism: 3, tasks: { RUNNING: 3 } }],
        }),
        [`/jobs/${JOB}/checkpoints/config`]: json({
          ...{ mode: 'exactly_once', interval: 33_000, timeout: 600_000, min_pause: 0, max_concurrent: 1 },
        }),
      });
    });
    after(async () => {
      zookeeper?.close();
      await server.close();
    });
    const asked = (options: Partial<Parameters<typeof predictScenarios>[1]> = {}) =>
      said(scenarioText(), { rest: server.url, ...options });

    it('takes its configuration, what its ZooKeeper grants, and the interval of the one job that runs', async () => {
      const text = await asked();
      assert.match(text, /: what the settings of http:.* promise\n/);
      assert.match(
        text,
        /leadershipLost +6\.67 s to 11\.50 s .*session-timeout = 20 s, zookeeper\.maxSessionTimeout = 10000/,
      );
      assert.match(text, /firstCheckpoint .*execution\.checkpointing\.interval = 33s/);
      assert.doesNotMatch(text, /not known: /);
    });

    it('and what else is written', async () => {
      assert.match(
        await asked({ set: { [SESSION]: '6s' } }),
        /leadershipLost +4\.00 s to 7\.50 s .*session-timeout = 6s/,
      );
    });

    it('says what it could not ask, and what nobody knows then is not told', async () => {
      server.on('/jobs/overview', running(JOB, 'b'.repeat(32)));
      const text = await asked({ zookeeper: '127.0.0.1:1' });
      server.on('/jobs/overview', running(JOB));
      assert.match(text, /not known: the job: 2 run, so it is taken as the scenario has it/);
      assert.match(text, /not known: the session that ZooKeeper grants: .*127\.0\.0\.1:1/);
      assert.doesNotMatch(text, /^ +leadershipLost/m);
      assert.match(text, /recovery within 30s: not known/);
      const { problems, cluster } = JSON.parse(await asked({ zookeeper: '127.0.0.1:1', json: true }));
      assert.equal(cluster, server.url);
      assert.match(problems.join(), /^the session that ZooKeeper grants/);
    });

    it('refuses what cannot be', async () => {
      await assert.rejects(said(scenarioText(), { zookeeper: 'a:1' }), hasCode('USAGE', /--zookeeper without --rest/));
      await assert.rejects(
        said(scenarioText(), { rest: 'http://127.0.0.1:1' }),
        hasCode('FLINK_REST', /127\.0\.0\.1:1/),
      );
    });
  });

  it('has all of it as JSON', async () => {
    const { scenarios, set } = JSON.parse(
      await said(scenarioText(), { json: true, set: { 'heartbeat.interval': '2s' } }),
    );
    assert.deepEqual(set, { 'heartbeat.interval': '2s' });
    const [{ faults }] = scenarios;
    assert.equal(faults[0].course.name, 'takeover');
    assert.equal(faults[0].phases.at(-1).name, 'firstOutput');
    assert.ok(faults[0].phases.at(-1).sinceTheFault.atMost > 0);
  });

  it('says nothing of faults together', async () => {
    const together = '[{ together: [{ kill: { node: taskmanager } }, { kill: { node: jobmanager.leader } }] }]';
    assert.match(await said(scenarioText({ faults: together })), /Of faults together nothing can be said/);
  });

  it('takes older names of a setting, and refuses what is none', () => {
    assert.deepEqual(writtenSettings({ 'akka.ask.timeout': '5s' }), { 'pekko.ask.timeout': '5s' });
    const refused: [string, string, RegExp][] = [
      ['heartbeat.timout', '3s', /did you mean heartbeat\.timeout/],
      ['heartbeat.timeout', '3x', /write a duration as Flink does/],
      ['heartbeat.rpc-failure-threshold', 'two', /write a number/],
      ['heartbeat.rpc-failure-threshold', '20s', /write a number/],
      ['zookeeper.tickTime', 'slow', /write a duration/],
      ['taskmanager.numberOfTaskSlots', '3', /decides no phase/],
      ['colour', 'red', /write a key of Flink/],
    ];
    for (const [key, value, sentence] of refused) {
      assert.throws(() => writtenSettings({ [key]: value }), hasCode('USAGE', sentence));
    }
  });
});
