import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { createFlinkRest } from '../../../src/client/flink/rest.js';
import { flinkDuration } from '../../../src/core/flink-values.js';
import { readSettings } from '../../../src/observe/index.js';
import { hang, json, startLyingHttp } from '../../support/lying-http-server.js';

const { signal } = new AbortController();
const CONF = 'tickTime=500\nminSessionTimeout=1000\nmaxSessionTimeout=10000\n';
const SESSION = 'high-availability.zookeeper.client.session-timeout';

describe('settings', () => {
  it('hold what is set, what is default, and what ZooKeeper grants', async () => {
    const zookeeper = createServer((socket) => socket.resume().end(CONF));
    await new Promise<void>((resolve) => zookeeper.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${(zookeeper.address() as AddressInfo).port}`;
    const config = [
      { key: 'heartbeat.timeout', value: '6000' },
      { key: 'restart-strategy', value: 'fixed-delay' },
      { key: 'unrelated.secret', value: 'x' },
    ];
    const checkpoints = { mode: 'exactly_once', interval: 2000, timeout: 1, min_pause: 0, max_concurrent: 1 };
    const server = await startLyingHttp({
      '/jobmanager/config': json(config),
      '/jobs/j/checkpoints/config': json(checkpoints),
    });
    const deaf = await startLyingHttp({ '/jobmanager/config': hang, '/jobs/j/checkpoints/config': hang });
    const rests = [createFlinkRest(deaf.url, { timeoutMs: 50 }), createFlinkRest(server.url, { timeoutMs: 10_000 })];
    const { settings, problems } = await readSettings(
      { rests, zookeeper: [at], jobId: 'j', timeoutMs: 10_000 },
      signal,
    );
    assert.deepEqual(problems, []);
    assert.equal(settings['heartbeat.timeout'], '6000');
    assert.equal(settings['heartbeat.interval'], '10 s (default)');
    assert.equal(settings['restart-strategy.type'], 'fixed-delay');
    assert.equal(settings['unrelated.secret'], undefined);
    assert.equal(settings['job.checkpointing.interval'], '2000');
    assert.equal(settings['zookeeper.tickTime'], '500');
    assert.equal(settings[SESSION], '60 s (default)');
    assert.equal(settings['zookeeper.grantedSessionTimeout'], '10000');
    for (const rest of rests) rest.close();
    await Promise.all([server.close(), deaf.close(), new Promise((resolve) => zookeeper.close(resolve))]);
  });

  it('say what could not be read', async () => {
    const deaf = await startLyingHttp({ '/jobmanager/config': hang });
    const rest = createFlinkRest(deaf.url, { timeoutMs: 50 });
    const { settings, problems } = await readSettings({ rests: [rest], zookeeper: ['127.0.0.1:1'] }, signal);
    assert.deepEqual(settings, {});
    assert.equal(problems.length, 2);
    rest.close();
    await deaf.close();
  });

  it("read Flink's durations", () => {
    const given = ['6000', '6000 ms', '6 s', '1min', '2 hours', '1 d', '', 'PT6S', '6 fortnights'];
    const undefinedOnes = [undefined, undefined, undefined];
    assert.deepEqual(given.map(flinkDuration), [6000, 6000, 6000, 60_000, 7_200_000, 86_400_000, ...undefinedOnes]);
  });
});
