import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventBody } from '../../../src/journal/events.js';
import { listenToLogs } from '../../../src/run/steps/tell-logs.js';
import type { Cluster } from '../../../src/target/ports.js';
import { handMadeCluster } from '../../support/hand-made-cluster.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const failure = (id: string) =>
  `2026-11-21 12:15:19,682 ERROR KafkaCommitter Unable to commit transaction (CommitRequestImpl{state=RECEIVED, numRetries=0, committable=KafkaCommittable{producerId=28, epoch=0, transactionalId=${id}}}) because its producer is already fenced.\n`;
const RESET =
  '2026-11-21 12:30:30,501 INFO  Fetcher [Consumer] Fetch position FetchPosition{offset=500, offsetEpoch=Optional[0]} is out of range for partition a.b-c-3, resetting offset\n';

describe("what the TaskManagers' logs tell", () => {
  const folder = temporaryFolder();
  const log = (node: string) => join(folder(), `${node}.log`);
  const { cluster } = handMadeCluster();
  const names = cluster.nodes.filter(({ role }) => role === 'taskmanager').map(({ name }) => name);
  const first = names[0] ?? '';
  const listen = () => {
    const events: EventBody[] = [];
    for (const name of names) writeFileSync(log(name), failure('before'));
    const tell = listenToLogs({ ...cluster, logFile: log } as Cluster, (event) => void events.push(event));
    return { events, tell };
  };

  it('is told from the beginning of the run on, whatever ended and started again in between', () => {
    const { events, tell } = listen();
    const filler = `${'x'.repeat(999)}\n`.repeat(2200);
    appendFileSync(log(first), `${failure('a-0-1')}${filler}killed in the middle of a li`);
    appendFileSync(log(first), `\n${RESET}${failure('a-0-2').trimEnd()}`);
    tell();
    const ids = events.map((event) => (event.type === 'commit.failed' ? event.transactionalId : event.type));
    assert.deepEqual(ids, ['a-0-1', 'a-0-2', 'offset.reset']);
    const reset = events.find((event) => event.type === 'offset.reset');
    assert.deepEqual([reset?.topic, reset?.partition, reset?.from, reset?.to], ['a.b-c', 3, 500, undefined]);
  });

  it('is journalled one by one up to a number, and counted beyond', () => {
    const { events, tell } = listen();
    appendFileSync(log(first), failure('a-0-1').repeat(205));
    tell();
    assert.equal(events.length, 200);
    const last = events.at(-1);
    assert.equal(last?.type === 'commit.failed' && last.omitted, 5);
  });

  it('is told of every other node when one has no log', () => {
    const { events, tell } = listen();
    const other = names[1];
    if (other === undefined) return assert.fail('one TaskManager only');
    appendFileSync(log(other), failure('b-0-1'));
    rmSync(log(first));
    assert.throws(tell, /ENOENT/);
    assert.equal(events.length, 1);
  });
});
