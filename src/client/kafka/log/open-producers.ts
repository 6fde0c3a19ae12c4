import { describeProducers, type ProducerState } from '../apis/describe-producers.js';
import { Final } from '../protocol/cluster.js';
import { errorName, isPassing, wireError } from '../protocol/error-codes.js';
import type { Answer, Rounds } from '../protocol/rounds.js';

/** The topic's partition numbers, ascending, with or without leaders. */
export async function partitionsOf(rounds: Rounds, topic: string): Promise<Answer<number[]>> {
  const answers = await rounds.ask([topic], async () => {
    const { topics } = await rounds.metadata(topic);
    const found = topics.find(({ name }) => name === topic);
    if (found?.error === 0 && found.partitions.length > 0) {
      const value = found.partitions.map(({ partition }) => partition).sort((a, b) => a - b);
      return new Map([[topic, { value }]]);
    }
    const said = found ? errorName(found.error) : 'without the topic';
    const error = wireError(`Metadata answered ${said}`, `topic ${topic}`, 'check that the topic exists');
    throw found && !isPassing(found.error) ? new Final(error) : error;
  });
  return answers.get(topic) as Answer<number[]>;
}

/** The producers with an open transaction on each partition, from its leader. */
export async function openProducers(
  rounds: Rounds,
  topic: string,
  partitions: Iterable<number>,
): Promise<Map<number, Answer<ProducerState[]>>> {
  const open = ({ currentTxnStartOffset }: ProducerState) => currentTxnStartOffset >= 0;
  const all = await producersOf(rounds, topic, partitions);
  return new Map(
    [...all].map(([partition, answer]) => [
      partition,
      'value' in answer ? { value: answer.value.filter(open) } : answer,
    ]),
  );
}

/** The producers that the leader of each partition remembers, with an open transaction or without. */
export function producersOf(
  rounds: Rounds,
  topic: string,
  partitions: Iterable<number>,
): Promise<Map<number, Answer<ProducerState[]>>> {
  return rounds.ask(partitions, async (pending) => {
    const { topics } = await rounds.metadata(topic);
    const layout = topics.find(({ name }) => name === topic)?.partitions ?? [];
    const answers = new Map<number, Answer<ProducerState[]>>();
    const groups = new Map<number, number[]>();
    for (const partition of pending) {
      const leader = layout.find((entry) => entry.partition === partition)?.leader ?? -1;
      if (leader >= 0) groups.set(leader, [...(groups.get(leader) ?? []), partition]);
      else answers.set(partition, { trouble: wireError('it has no leader', `topic ${topic}`, 'see the brokers') });
    }
    await Promise.all(
      [...groups].map(async ([leader, group]) => {
        for (const [partition, answer] of await fromLeader(rounds, topic, leader, group))
          answers.set(partition, answer);
      }),
    );
    return answers;
  });
}

async function fromLeader(rounds: Rounds, topic: string, leader: number, partitions: readonly number[]) {
  const answers = new Map<number, Answer<ProducerState[]>>();
  try {
    for (const { partition, error, producers } of await rounds.call(leader, describeProducers, { topic, partitions })) {
      if (error === 0) {
        answers.set(partition, { value: producers });
        continue;
      }
      const trouble = wireError(
        `DescribeProducers answered ${errorName(error)}`,
        `topic ${topic} (broker ${leader})`,
        isPassing(error) ? undefined : 'it needs Read on the topic',
      );
      answers.set(partition, { trouble, final: !isPassing(error) });
    }
  } catch (error) {
    for (const partition of partitions) answers.set(partition, rounds.troubleOf(error));
  }
  return answers;
}
