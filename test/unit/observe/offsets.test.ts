import assert from 'node:assert/strict';
import { createFlinkRest, type FlinkRest } from '../../../src/client/flink/rest.js';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import { type Clock, systemClock } from '../../../src/core/clock.js';
import type { EventBody, EventType } from '../../../src/journal/events.js';
import { observeMetrics, observeOffsets } from '../../../src/observe/index.js';
import { type CannedBroker, startCannedBroker } from '../../support/canned-broker.js';
import { simple } from '../../support/canned-log.js';
import { until } from '../../support/host-processes.js';
import { json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

const JOB = '0123456789abcdef0123456789abcdef';
const VERTEX = 'cbc357ccb763df2852fee8c4fc7d55f2';
const OFFSET_FETCH = 9;

const impatient: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(1, signal) };

function collector() {
  const events: EventBody[] = [];
  const of = <T extends EventType>(type: T) =>
    events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
  return { of, emit: (event: EventBody) => void events.push(event) };
}

describe('the watch over offsets', () => {
  let broker: CannedBroker;
  let reader: LogReader;
  let refused = false;
  before(async () => {
    broker = await startCannedBroker({
      partitions: [{ ...simple(), logStart: 1, lastStableOffset: 2 }],
      groups: { g: { 0: 2 } },
      trouble: ({ api }) => (refused && api === OFFSET_FETCH ? { error: 30 } : undefined),
    });
    reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs: 2000, pauseMs: 5 });
  });
  after(async () => {
    reader.close();
    await broker.stop();
  });

  async function watched(group?: string) {
    const { of, emit } = collector();
    const stop = new AbortController();
    const deps = { reader, input: 't', output: 't', ...(group === undefined ? {} : { group }) };
    const watching = observeOffsets(deps, emit, { clock: systemClock, signal: stop.signal });
    const wanted = group === undefined ? 0 : 1;
    await until('all looks', () => of('observed.topic').length >= 2 && of('observed.group').length >= wanted);
    stop.abort();
    await watching;
    return of;
  }

  it('tells the ends of both topics, and what the group has committed', async () => {
    const of = await watched('g');
    const ends = [{ partition: 0, earliest: 1, lastStableOffset: 2, highWatermark: 3 }];
    assert.deepEqual(new Set(of('observed.topic').map((look) => look.of)), new Set(['input', 'output']));
    for (const look of of('observed.topic')) {
      assert.deepEqual(look.partitions, ends);
      assert.ok(look.start <= look.end);
    }
    assert.deepEqual(of('observed.group')[0]?.partitions, [{ partition: 0, offset: 2 }]);
  });

  it('tells the rest where the group may not be seen, or is not known', async () => {
    refused = true;
    const of = await watched('g');
    refused = false;
    assert.match(of('observed.group')[0]?.error ?? '', /GROUP_AUTHORIZATION_FAILED/);
    assert.equal(of('observed.group')[0]?.partitions, undefined);
    assert.equal((await watched())('observed.group').length, 0);
  });
});

describe('the watch over metrics', () => {
  const servers: LyingHttpServer[] = [];
  const apis: FlinkRest[] = [];
  afterEach(async () => {
    for (const api of apis.splice(0)) api.close();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  async function jobManager(paths: Parameters<typeof startLyingHttp>[0]) {
    const server = await startLyingHttp(paths);
    servers.push(server);
    const api = createFlinkRest(server.url, { timeoutMs: 5000 });
    apis.push(api);
    return api;
  }
  const job = json({
    ...{ jid: JOB, name: 'x', state: 'RUNNING', now: 1, timestamps: {} },
    vertices: [{ id: VERTEX, name: 'Source: flinch_in[1] -> flinch_out[2]: Writer', parallelism: 2 }],
  });
  // Names as Flink 1.20.3 with connector 3.4.0 has them.
  const values: [string, number, number][] = [
    ['Source__flinch_in[1].KafkaSourceReader.topic.a_input.partition.0.currentOffset', 499, 499],
    ['Source__flinch_in[1].KafkaSourceReader.topic.a_input.partition.0.committedOffset', -1, -1],
    ['Source__flinch_in[1].KafkaSourceReader.topic.a_input.partition.11.currentOffset', 7, 7],
    ['Source__flinch_in[1].KafkaSourceReader.topic.a_input.partition.11.committedOffset', 5, 5],
    ['Source__flinch_in[1].KafkaSourceReader.commitsFailed', 0, 0],
    ['flinch_out[2]__Committer.failedCommittables', 1, 2],
    ['flinch_out[2]__Committer.successfulCommittables', 4, 7],
    ['flinch_out[2]__Committer.pendingCommittables', 1, 1],
  ];

  it('tells source and committer from the JobManager that answers, once as long as nothing changes', async () => {
    const path = `/jobs/${JOB}/vertices/${VERTEX}/subtasks/metrics`;
    const good = await jobManager({
      [`/jobs/${JOB}`]: job,
      // The names first, then the values that are asked for.
      [`/jobs/${JOB}/vertices/${VERTEX}/metrics`]: json([
        { id: '1.flinch_out[2]__Committer.failedCommittables', value: '1' },
        { id: '0.flinch_out[2]__Committer.failedCommittables', value: '1' },
      ]),
      [path]: (request, response, body) => {
        const query = new URL(request.url ?? '', 'http://x').searchParams;
        const asked = query.get('get')?.split(',');
        assert.equal(query.get('agg'), asked ? 'max,sum' : null);
        const rows = values.filter(([id]) => !asked || asked.includes(id));
        json(rows.map(([id, max, sum]) => (asked ? { id, max, sum } : { id })))(request, response, body);
      },
    });
    const bad = await jobManager({ [`/jobs/${JOB}`]: json({ errors: ['no leader'] }, 503) });
    const { of, emit } = collector();
    const stop = new AbortController();
    const watching = observeMetrics({ rest: { bad, good }, jobId: () => JOB }, emit, {
      clock: impatient,
      signal: stop.signal,
    });
    await until('three looks', () => (servers[0]?.requests.length ?? 0) >= 12);
    stop.abort();
    await watching;
    const [look] = of('observed.metrics');
    assert.deepEqual(
      { ...look, start: 0, end: 0 },
      {
        start: 0,
        end: 0,
        ...{ type: 'observed.metrics', node: 'good' },
        source: [
          { partition: 0, current: 499 },
          { partition: 11, current: 7, committed: 5 },
        ],
        committables: { failed: 2, successful: 7 },
        failedOf: [
          { subtask: '0.flinch_out[2]__Committer', failed: 1 },
          { subtask: '1.flinch_out[2]__Committer', failed: 1 },
        ],
      },
    );
    assert.equal(of('observed.metrics').length, 1);
  });
});
