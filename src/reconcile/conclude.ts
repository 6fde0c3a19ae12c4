import type { PartitionOffsets } from '../client/kafka/log/offsets.js';
import type { OpenTransactions } from '../client/kafka/log/open-transactions.js';
import { messageOf } from '../core/error.js';
import type { TallyCosts } from './ids/id-tally.js';
import type { MultisetCounter } from './multiset-balance.js';
import type { Reconciliation } from './reconcile.js';
import type { SideRead, TopicSide } from './topic-side.js';

type Topic = Pick<TopicSide, 'reader' | 'topic'>;

/** What was counted, and the ends of the topics that it was counted up to. */
export interface Counted {
  source: Topic;
  sink: Topic;
  sourceEnds: readonly PartitionOffsets[];
  sinkEnds: readonly PartitionOffsets[];
  sourceRead: SideRead;
  sinkRead: SideRead;
  counter: MultisetCounter;
  costs?: TallyCosts;
}

const ends = (bounds: readonly PartitionOffsets[]): string => bounds.map((it) => it.highWatermark).join();
const isHeld = (bounds: readonly PartitionOffsets[]): boolean =>
  bounds.some((it) => it.lastStableOffset < it.highWatermark);

/** The balance of what was counted, and why it is not certain. Asks the brokers once more. @throws the signal's reason */
export async function conclude(counted: Counted): Promise<Reconciliation> {
  const { source, sink, sourceEnds, sinkEnds, sourceRead, sinkRead, counter, costs } = counted;
  const held = isHeld(sinkEnds);
  const openTransactions = held ? await askFor(sink) : undefined;
  const moved = await movedOn(sink, sinkEnds);
  const sourceHeld = isHeld(sourceEnds);
  const reasons = [
    ...sinkRead.reasons,
    ...sourceRead.reasons,
    ...(held ? [`transactions are open in ${sink.topic}: what they hold is not committed yet`] : []),
    ...(moved ? [moved] : []),
    ...(sourceHeld ? [`transactions are open in ${source.topic}: what they hold may yet be due at the sink`] : []),
  ];
  const balance = counter.balance({
    source: sourceRead.reasons.length === 0 && !sourceHeld,
    sink: sinkRead.reasons.length === 0 && moved === undefined,
    uncommitted: sinkRead.reasons.length === 0,
    openTransactions: held,
  });
  return {
    source: sourceRead,
    sink: sinkRead,
    balance,
    ...(openTransactions ? { openTransactions } : {}),
    reasons,
    ...(costs ? { costs } : {}),
  };
}

async function askFor({ reader, topic }: Topic): Promise<OpenTransactions> {
  try {
    return await reader.openTransactions(topic);
  } catch (error) {
    if (reader.aborted) throw error;
    return { transactions: [], complete: false, reason: messageOf(error) };
  }
}

/** Why losses are uncertain: somebody still writes to the sink, or whether anybody does is not known. */
async function movedOn({ reader, topic }: Topic, before: readonly PartitionOffsets[]): Promise<string | undefined> {
  try {
    const now = await reader.offsets(topic);
    return ends(now) === ends(before) ? undefined : `${topic} was still being written to while it was read`;
  } catch (error) {
    if (reader.aborted) throw error;
    return `whether ${topic} was still being written to is not known: ${messageOf(error)}`;
  }
}
