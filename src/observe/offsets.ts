import type { LogReader } from '../client/kafka/log/log-reader.js';
import { pollForever } from '../core/poll.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Milliseconds between looks. */
const EVERY = 1000;

export interface OffsetDeps {
  reader: Pick<LogReader, 'offsets' | 'groupOffsets'>;
  input: string;
  output: string;
  /** The job's consumer group; not looked at where it is not known. */
  group?: string;
}

/** The ends of the job's topics, and what its consumer group has committed: cheap, and each no more than it is. */
export async function observeOffsets(
  { reader, input, output, group }: OffsetDeps,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  const options = { every: EVERY, clock, signal };
  const ends = (of: 'input' | 'output', topic: string) =>
    pollForever(
      async () => (await reader.offsets(topic)).map(({ leaderEpoch: _, ...partition }) => partition),
      (sample) =>
        emit({ type: 'observed.topic', of, ...lookOf(sample), ...(sample.value && { partitions: sample.value }) }),
      options,
    );
  const committed = (name: string) =>
    pollForever(
      () => reader.groupOffsets(name, input),
      (sample) =>
        emit({
          type: 'observed.group',
          group: name,
          ...lookOf(sample),
          ...(sample.value && { partitions: sample.value }),
        }),
      options,
    );
  await Promise.all([ends('input', input), ends('output', output), group === undefined ? undefined : committed(group)]);
}
