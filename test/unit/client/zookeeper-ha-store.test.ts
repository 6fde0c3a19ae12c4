import assert from 'node:assert/strict';
import { openHaStore } from '../../../src/client/zookeeper/ha-store.js';
import { sessionPassword } from '../../../src/client/zookeeper/session-password.js';
import { hasCode } from '../../support/has-code.js';
import { startLyingZooKeeper } from '../../support/lying-zookeeper.js';

const { signal } = new AbortController();
const SESSION = '0x1000056f1230000';

describe('the high-availability store', () => {
  // By a Java program with java.util.Random.
  for (const [session, password] of [
    [SESSION, 'bf46a1ffe0eae363350d91bb29861ee7'],
    ['0x300000a5b7c0001', '5948d8befb19dcd589ad55d6702a6bf6'],
    ['0x8000000f00ff0100', '192f97924f933ba48ec20df48c4be2a2'],
  ] as const) {
    it(`knows the password of the session ${session} as its server does`, () => {
      assert.equal(sessionPassword(session).toString('hex'), password);
    });
  }

  it('says which servers did not let it end a session, and why', async () => {
    const servers = [await startLyingZooKeeper('mute'), await startLyingZooKeeper('closing')];
    try {
      const store = openHaStore({
        haPath: '/flink/test',
        servers: servers.map(({ server }) => server),
        timeoutMs: 100,
      });
      await assert.rejects(
        store.expire(SESSION, signal),
        hasCode(
          'ZOOKEEPER',
          /ending the session 0x1000056f1230000 failed.*took longer than 100 ms; .*refused or closed/,
        ),
      );
    } finally {
      for (const one of servers) await one.close();
    }
  });

  it('asks the next server where one does not answer', async () => {
    const servers = [await startLyingZooKeeper('closing'), await startLyingZooKeeper('honest')];
    try {
      await openHaStore({ haPath: '/flink/test', servers: servers.map(({ server }) => server) }).expire(
        SESSION,
        signal,
      );
      assert.deepEqual(
        servers.map((one) => one.taken()),
        [1, 1],
      );
    } finally {
      for (const one of servers) await one.close();
    }
  });

  it('ends with the reason of an abort', async () => {
    const mute = await startLyingZooKeeper('mute');
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    try {
      await assert.rejects(
        openHaStore({ haPath: '/flink/test', servers: [mute.server] }).expire(SESSION, controller.signal),
        (it) => it === reason,
      );
    } finally {
      await mute.close();
    }
  });
});
