import assert from 'node:assert/strict';
import { commitFailureOf } from '../../../src/observe/logs/commit-failures.js';
import { LogEntries, type LogEntry } from '../../../src/observe/logs/log-entries.js';
import { OffsetResets } from '../../../src/observe/logs/offset-resets.js';

/** As TaskManagers of Flink 1.20.3 with connector 3.4.0 wrote them. */
const FENCED =
  "2026-11-21 12:15:19,682 ERROR KafkaCommitter Unable to commit transaction (CommitRequestImpl{state=RECEIVED, numRetries=0, committable=KafkaCommittable{producerId=28, epoch=0, transactionalId=flinch-pass-through-look312097-0-1}}) because its producer is already fenced. This means that you either have a different producer with the same 'transactional.id' (this is unlikely with the 'KafkaSink' as all generated ids are unique and shouldn't be reused) or recovery took longer than 'transaction.timeout.ms' (2000ms). In both cases this most likely signals data loss, please consult the Flink documentation for more details.";
const EXCEPTION =
  'org.apache.kafka.common.errors.ProducerFencedException: There is a newer producer with the same transactionalId which fences the current one.';
const BEGINS =
  '2026-11-21 12:30:17,013 INFO  SubscriptionState [Consumer clientId=look-source-0, groupId=look-source] Resetting offset for partition look210059.input-0 to position FetchPosition{offset=0, offsetEpoch=Optional.empty, currentLeader=LeaderAndEpoch{leader=Optional[127.0.0.1:29338 (id: 1 rack: null)], epoch=0}}.';
const OUT_OF_RANGE =
  '2026-11-21 12:30:30,501 INFO  Fetcher [Consumer clientId=look-source-0, groupId=look-source] Fetch position FetchPosition{offset=500, offsetEpoch=Optional[0], currentLeader=LeaderAndEpoch{leader=Optional[127.0.0.1:29338 (id: 1 rack: null)], epoch=0}} is out of range for partition look210059.input-0, resetting offset';
const RESET =
  '2026-11-21 12:30:30,518 INFO  SubscriptionState [Consumer clientId=look-source-0, groupId=look-source] Resetting offset for partition look210059.input-0 to position FetchPosition{offset=18100, offsetEpoch=Optional.empty, currentLeader=LeaderAndEpoch{leader=Optional[127.0.0.1:29338 (id: 1 rack: null)], epoch=0}}.';

function entriesOf(...lines: string[]): LogEntry[] {
  const found: LogEntry[] = [];
  const entries = new LogEntries(
    (line) => /KafkaCommitter|Fetcher|Subscription/.test(line),
    (entry) => found.push(entry),
  );
  for (const line of lines) entries.line(line);
  entries.end();
  return found;
}
const failure = (...lines: string[]) => entriesOf(...lines).map(commitFailureOf)[0];

describe('entries of a log', () => {
  it('are those that are wanted, each with the exception that follows it', () => {
    const [first, second, third] = entriesOf(
      '2026-11-21 12:00:00,001 ERROR Other said',
      'java.lang.Exception: of another',
      FENCED,
      EXCEPTION,
      '\tat java.lang.Thread.run(Thread.java:1)',
      BEGINS,
      FENCED,
    );
    assert.equal(first?.next, EXCEPTION);
    assert.equal(first?.at, Date.parse('2026-11-21T12:15:19.682'));
    assert.deepEqual([first?.level, second?.level, third?.next], ['ERROR', 'INFO', undefined]);
  });
});

describe('failed commits in a log', () => {
  it('have the ids, the reason and the exception', () => {
    assert.deepEqual(failure(FENCED, EXCEPTION), {
      ...{ at: Date.parse('2026-11-21T12:15:19.682'), reason: 'fenced', silent: true },
      ...{ transactionalId: 'flinch-pass-through-look312097-0-1', producerId: 28, producerEpoch: 0, cause: EXCEPTION },
    });
  });

  it('are told apart by their reasons, as the connector words them', () => {
    const committer = (text: string) => failure(`2026-11-21 12:15:19,682 ERROR KafkaCommitter ${text}`);
    assert.equal(
      committer(
        "Unable to commit transaction (x) because it's in an invalid state. Most likely the transaction has been aborted for some reason. Please check the Kafka logs for more details.",
      )?.reason,
      'invalid-state',
    );
    assert.equal(
      committer('Unable to commit transaction (x) because of a bug in the Kafka broker (KAFKA-9310). Please upgrade')
        ?.reason,
      'unknown-producer',
    );
    const pooled = committer(
      'Unable to commit transaction (x) because its producer is already fenced. If this warning appears as part of the recovery of a checkpoint, it is expected in some cases (e.g., aborted checkpoints in previous attempt).',
    );
    assert.deepEqual([pooled?.reason, pooled?.maybeHarmless, pooled?.transactionalId], ['fenced', true, undefined]);
    const loud = committer('Transaction (x) encountered error and data has been potentially lost.');
    assert.deepEqual([loud?.reason, loud?.silent], ['other', false]);
  });

  it('are nothing else that the committer says', () => {
    assert.equal(
      failure('2026-11-21 12:15:19,682 WARN  KafkaCommitter Encountered retriable exception while committing x.'),
      undefined,
    );
  });
});

describe('offset resets in a log', () => {
  const resets = (...lines: string[]) => {
    const found = new OffsetResets();
    for (const entry of entriesOf(...lines)) found.add(entry);
    return found.found.map(({ at: _, ...rest }) => rest);
  };
  const place = { topic: 'look210059.input', partition: 0 };

  it('go from the position that was out of range to the next one', () => {
    assert.deepEqual(resets(BEGINS, OUT_OF_RANGE, RESET), [{ ...place, from: 500, to: 18_100 }]);
  });
  it('are not those of a consumer that begins, nor of another partition', () => {
    assert.deepEqual(resets(BEGINS), []);
    assert.deepEqual(resets(OUT_OF_RANGE, RESET.replace('input-0', 'input-1')), [{ ...place, from: 500 }]);
  });
});
