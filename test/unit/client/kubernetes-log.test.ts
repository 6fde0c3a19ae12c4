import assert from 'node:assert/strict';
import { Readable, type Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@kubernetes/client-node';
import { followLog } from '../../../src/client/kubernetes/log.js';

describe('the log of a container', () => {
  /** The library, whose container says this. */
  const library = (said: string[], options: object[] = []) =>
    ({
      log: async (_: string, __: string, ___: string, out: Writable, option: object) => {
        options.push(option);
        if (said.length === 0) throw new Error('403');
        Readable.from(said.map((text) => Buffer.from(text))).pipe(out);
        return new AbortController();
      },
    }) as unknown as Log;
  const place = { pod: 'a', container: 'flink' };

  it('is followed from a moment on, and tells of its end', async () => {
    const heard: string[] = [];
    const options: object[] = [];
    let ends = 0;
    const since = Date.parse('2026-11-23T12:00:00Z');
    followLog(
      library(['one\n', 'two\n'], options),
      'flink',
      { ...place, since },
      (text) => heard.push(`${text}`),
      () => ends++,
    );
    await sleep(20);
    assert.deepEqual([heard, ends], [['one\n', 'two\n'], 1]);
    assert.deepEqual(options, [{ follow: true, sinceTime: '2026-11-23T12:00:00.000Z' }]);
  });

  it('ends where it cannot be had, and where nobody can write it down', async () => {
    for (const [from, take] of [
      [library([]), () => {}],
      [
        library(['one\n', 'two\n']),
        () => {
          throw new Error('no space left');
        },
      ],
    ] as const) {
      let ends = 0;
      followLog(from, 'flink', place, take, () => ends++);
      await sleep(20);
      assert.equal(ends, 1);
    }
  });

  it('tells nothing any more when it is not followed', async () => {
    const heard: string[] = [];
    const stop = followLog(
      library(['one\n']),
      'flink',
      place,
      (text) => heard.push(`${text}`),
      () => heard.push('end'),
    );
    stop();
    await sleep(20);
    assert.deepEqual(heard, []);
  });
});
