import { dirname } from 'node:path';
import { type LogReader, openLog } from '../../client/kafka/log/log-reader.js';
import { openSchemaRegistry, type SchemaRegistry } from '../../client/schema-registry.js';
import type { AttachSpec } from '../../core/scenario.js';
import type { EventBody } from '../../journal/events.js';
import { compileFilter } from '../../reconcile/filter.js';
import { compileIdentity } from '../../reconcile/identity/compile.js';
import type { TopicSide } from '../../reconcile/topic-side.js';
import { type Following, type FollowLook, follow, followEnds } from '../../reconcile/window/follow.js';
import { type Mark, mark } from '../../reconcile/window/marks.js';
import { findJob, findTopic } from './attach-find.js';
import { followId } from './attach-follow.js';
import type { JobDeps } from './job-under-test.js';

/** How long a broker may stand still while it is read. Milliseconds. */
const READ_STALL = 30_000;
/** Milliseconds for one answer of a broker, which may have much to unpack. */
const CALL_WITHIN = 10_000;
/** Milliseconds for the topics to be found. */
const FIND_WITHIN = 10_000;

/** A job of somebody else, and what is followed of it. */
export interface AttachedJob {
  /** Of the job as it runs now. */
  jobId(): string;
  /** Milliseconds between checkpoints. */
  period: number;
  attach: AttachSpec;
  reader: LogReader;
  attached: Mark;
  following: Following;
  /** Follows it no longer: the brokers have enough to do when the topics are read. */
  unfollow(): Promise<void>;
  /** Both topics with identities of their own, for one pass over them. */
  sides(): Promise<{ source: TopicSide; sink: TopicSide }>;
  /** Where the topics end now, the sink asked first. @throws FlinchError KAFKA_WIRE */
  ends(): Promise<Mark>;
  /** The same as a mark of the window, which is journalled. */
  mark(of: MarkName, more?: { settled?: boolean; undrained?: string | undefined }): Promise<Mark>;
}

type MarkName = Extract<EventBody, { type: 'window.marked' }>['mark'];

/** Finds the job and its topics, and begins to follow them. Nothing of it is undone but our own connections. */
export async function attachTo(attach: AttachSpec, deps: JobDeps): Promise<AttachedJob> {
  const { run, cluster, clock, signal, recorder, undo, access, source: file, security } = deps;
  const { emit } = recorder;
  const { id, name, checkpoints, mode } = await findJob(attach.job, { rest: access.rest, clock, signal });
  const connection = {
    brokers: attach.brokers ?? cluster.endpoints.brokers,
    clientId: `${run}-reader`,
    signal,
    ...(security ? { security } : {}),
  };
  const finder = openLog({ ...connection, deadlineMs: FIND_WITHIN });
  try {
    await findTopic(finder, 'source', attach.source.topic);
    await findTopic(finder, 'sink', attach.sink.topic);
  } finally {
    finder.close();
  }
  let current = id;
  deps.onJob(id);
  emit({
    type: 'job.attached',
    jobId: id,
    name,
    source: attach.source.topic,
    sink: attach.sink.topic,
    checkpoints,
    mode,
  });

  const registries = new Map<string, SchemaRegistry>();
  const registry = (url: string) => {
    const known = registries.get(url) ?? openSchemaRegistry({ url, timeoutMs: READ_STALL });
    registries.set(url, known);
    return known;
  };
  const reader = openLog({ ...connection, deadlineMs: READ_STALL, callMs: CALL_WITHIN });
  const watching = new AbortController();
  let following: Following | undefined;
  const unfollow = async () => {
    watching.abort();
    await following?.ended;
  };
  undo.push('the watch over the topics', 5_000, async () => {
    await unfollow();
    reader.close();
    for (const it of registries.values()) it.close();
  });
  const identities = { registry, folder: dirname(file.file), code: 'SCENARIO_INVALID' as const };
  const sides = async () => ({
    source: {
      reader,
      topic: attach.source.topic,
      extractor: await compileIdentity(attach.source.identity, identities),
      ...(attach.filter ? { filter: compileFilter(attach.filter) } : {}),
    },
    sink: { reader, topic: attach.sink.topic, extractor: await compileIdentity(attach.sink.identity, identities) },
  });
  const pair = { source: { reader, topic: attach.source.topic }, sink: { reader, topic: attach.sink.topic } };
  const ends = () => mark(pair, () => clock.wall());
  const marked = async (of: MarkName, more: { settled?: boolean; undrained?: string | undefined } = {}) => {
    const found = await ends();
    const { undrained, ...rest } = more;
    const why = undrained === undefined ? {} : { undrained };
    recorder.emitDurably({ type: 'window.marked', mark: of, source: found.source, sink: found.sink, ...rest, ...why });
    return found;
  };
  if (cluster.deployment) {
    const over = new AbortController();
    const followed = followId({ name, id }, { recorder, clock, signal: over.signal }, (other) => {
      current = other;
      deps.onJob(other);
    });
    undo.push('the watch over the id of the job', 5_000, async () => {
      over.abort();
      await followed;
    });
  }
  const attached = await marked('attached');
  const { source, sink } = await sides();
  const onLook = ({ of, start, end, records, total, error }: FollowLook, lag?: number) => {
    const look = { start, end, ...(error === undefined ? {} : { error }) };
    if (of === 'source') emit({ type: 'observed.source', records, total, ...look });
    else emit({ type: 'observed.output', records, total, ...(lag === undefined ? {} : { lag }), ...look });
  };
  following =
    attach.relation.kind === 'aggregate'
      ? followEnds(source, sink, attached, watching.signal, onLook)
      : follow(source, sink, attached, watching.signal, (look, progress) => onLook(look, progress.lag));
  return {
    jobId: () => current,
    period: checkpoints,
    attach,
    reader,
    attached,
    following,
    unfollow,
    sides,
    ends,
    mark: marked,
  };
}
