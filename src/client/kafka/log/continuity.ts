import { FlinchError, toFlinchError } from '../../../core/error.js';
import { type LeaderEpochEnd, offsetForLeaderEpoch } from '../apis/offset-for-leader-epoch.js';
import { Final, type KafkaCluster } from '../protocol/cluster.js';
import { errorName, isPassing, wireError } from '../protocol/error-codes.js';
import { topicOffsets } from './offsets.js';

/** Ends of a partition's log as they were under a leadership. */
export interface KnownEnds {
  partition: number;
  leaderEpoch: number;
  highWatermark: number;
}

/**
 * Whether logs still hold what they held when their ends were had. An election that loses acknowledged records (an
 * unclean one) cuts a log off, and new records take the offsets of old ones: offsets alone do not show it, leader
 * epochs do (KIP-320). @returns by partition, what is wrong; a log that could not be checked is wrong too.
 */
export async function verifyContinuity(
  cluster: KafkaCluster,
  topic: string,
  known: readonly KnownEnds[],
): Promise<Map<number, FlinchError>> {
  try {
    return await cluster.retry(`the leader epochs of topic ${topic}`, async () => {
      const { leaders, epochs } = await cluster.layout(topic);
      const wrong = new Map<number, FlinchError>();
      const changed: { ends: KnownEnds; epoch: number; leader: number }[] = [];
      for (const ends of known) {
        const epoch = epochs.get(ends.partition) ?? -1;
        if (epoch === ends.leaderEpoch) continue;
        if (epoch < ends.leaderEpoch) wrong.set(ends.partition, madeAnew(topic, ends, epoch));
        else changed.push({ ends, epoch, leader: leaders.get(ends.partition) ?? -1 });
      }
      for (const leader of new Set(changed.map((it) => it.leader))) {
        const asked = changed.filter((it) => it.leader === leader);
        const connection = await cluster.node(leader);
        const partitions = asked.map(({ ends, epoch }) => ({
          partition: ends.partition,
          currentLeaderEpoch: epoch,
          leaderEpoch: ends.leaderEpoch,
        }));
        const limits = { ms: cluster.callMs, signal: cluster.signal };
        const answer = await connection.call(offsetForLeaderEpoch, { topic, partitions }, limits);
        for (const { ends } of asked) {
          const end = answer.find(({ partition }) => partition === ends.partition);
          const error = problem(topic, ends, end, connection.address);
          if (error) wrong.set(ends.partition, error);
        }
      }
      return wrong;
    });
  } catch (cause) {
    cluster.signal?.throwIfAborted();
    return new Map(known.map(({ partition }) => [partition, unchecked(topic, partition, cause)]));
  }
}

/** @throws FlinchError KAFKA_WIRE when the broker could not say. */
function problem(
  topic: string,
  ends: KnownEnds,
  end: LeaderEpochEnd | undefined,
  broker: string,
): FlinchError | undefined {
  if (end?.error !== 0) {
    const on = `topic ${topic}, partition ${ends.partition} (${broker})`;
    const error = wireError(`OffsetForLeaderEpoch answered ${end ? errorName(end.error) : 'nothing'}`, on);
    throw end && !isPassing(end.error) ? new Final(error) : error;
  }
  if (end.endOffset >= ends.highWatermark) return undefined;
  const held = end.endOffset < 0 ? 'nothing of it' : `only offsets below ${end.endOffset}`;
  return new FlinchError('KAFKA_LOG_CHANGED', {
    what: `the log was cut off: of leader epoch ${ends.leaderEpoch}, which reached to ${ends.highWatermark}, the leader now holds ${held}`,
    on: `topic ${topic}, partition ${ends.partition}`,
    todo: 'look for an unclean leader election in the controller log; records that were acknowledged may be gone',
  });
}

const madeAnew = (topic: string, { partition, leaderEpoch }: KnownEnds, epoch: number): FlinchError =>
  new FlinchError('KAFKA_LOG_CHANGED', {
    what: `the leader epoch went back from ${leaderEpoch} to ${epoch}: the topic was deleted and created again`,
    on: `topic ${topic}, partition ${partition}`,
    todo: 'read it again, with nobody deleting it meanwhile',
  });

const unchecked = (topic: string, partition: number, cause: unknown): FlinchError =>
  wireError(
    `whether the log was cut off meanwhile is not known: ${toFlinchError(cause).message}`,
    `topic ${topic}, partition ${partition}`,
    undefined,
    cause,
  );

/** What an offset that is out of range means: records deleted at the log's start, or a log that was cut off. */
export async function explainOutOfRange(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  offset: number,
  error: FlinchError,
): Promise<FlinchError> {
  try {
    const now = (await topicOffsets(cluster, topic)).find((it) => it.partition === partition);
    if (!now || (offset >= now.earliest && offset <= now.highWatermark)) return error;
    const deleted = offset < now.earliest;
    return new FlinchError('KAFKA_LOG_CHANGED', {
      what: deleted
        ? `records were deleted before they were read: the log now begins at offset ${now.earliest}`
        : `the log was cut off: it now ends at offset ${now.highWatermark}`,
      on: `topic ${topic}, partition ${partition}, offset ${offset}`,
      todo: deleted
        ? 'raise retention.ms and retention.bytes of the topic, and look for DeleteRecords calls'
        : 'look for an unclean leader election in the controller log; records that were acknowledged may be gone',
      cause: error,
    });
  } catch {
    cluster.signal?.throwIfAborted();
    return error;
  }
}
