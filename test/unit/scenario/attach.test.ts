import assert from 'node:assert/strict';
import { describePlan, showMistake } from '../../../src/scenario/index.js';
import { readText } from '../../../src/scenario/read.js';
import {
  GOOD_ATTACH as good,
  ATTACH_SOURCE as SOURCE,
  attachText as text,
  totalsWith,
  WRONG_ATTACH,
  WRONG_INVARIANTS,
} from '../../support/attach-texts.js';
import { scenarioText } from '../../support/scenario-texts.js';

const TOTALS = { objectives: '{ wrongState: 0 }' };
const mistakes = (of: string): string[] => readText(of, 'x.yaml').mistakes.map(showMistake);

describe('a scenario attached to a job', () => {
  it('fills in what is not written', () => {
    const { scenario, mistakes: found } = readText(text(good), 'x.yaml');
    assert.deepEqual(found, []);
    const identity = { kind: 'json', pointer: '/order/id', of: 'value', as: 'typed' };
    assert.deepEqual(scenario?.workload, {
      job: 'attached',
      guarantee: 'exactly-once',
      attach: {
        job: 'enrich',
        source: { topic: 'orders', identity },
        sink: { topic: 'out', identity },
        relation: { kind: 'one-to-one' },
        patience: 5000,
      },
    });
    assert.ok(scenario && describePlan(scenario).some((line) => line.includes('attached to the job enrich')));
  });

  it('takes everything that a reconciliation takes', () => {
    const all = `job: 7f0a, ${SOURCE}, guarantee: none, relation: one-to-many, times: 3, patience: 10s, brokers: [k-1:9092, "[::1]:9093"],
  sink: { topic: out, identity: { all: [{ header: x-id, as: uuid }, { key: true }] } }`;
    const { scenario, mistakes: found } = readText(text(all), 'x.yaml');
    assert.deepEqual(found, []);
    assert.ok(scenario?.workload.job === 'attached');
    const { attach } = scenario.workload;
    assert.deepEqual(
      [attach.relation, attach.patience, attach.brokers],
      [{ kind: 'one-to-many', times: 3 }, 10_000, ['k-1:9092', '[::1]:9093']],
    );
    assert.equal(attach.sink.identity.kind, 'all');
    const subset = text(`${good}, relation: subset, filter: { not: { json: /type, equals: ping } }`);
    assert.deepEqual(mistakes(subset), []);
  });

  const totals = `${good}, relation: aggregate, invariant: { count: { sink: /orders } }`;

  it('takes totals by group, with what the sink says of each', () => {
    const all = text(
      `${good}, relation: aggregate, filter: { json: /type, equals: order }, invariant: { min: { source: /at, sink: /first }, max: { source: "", sink: "/la~1st" }, count: { sink: /n }, sum: { source: /amount, sink: /total, tolerance: 0.01 } }`,
      { objectives: '{ wrongState: 0, recovery: 30s }' },
    );
    const { scenario, mistakes: found } = readText(all, 'x.yaml');
    assert.deepEqual(found, []);
    assert.ok(scenario?.workload.job === 'attached');
    assert.deepEqual(scenario.workload.attach.relation, {
      kind: 'aggregate',
      invariants: [
        { kind: 'count', sink: '/n' },
        { kind: 'sum', source: '/amount', sink: '/total', tolerance: 0.01 },
        { kind: 'max', source: '', sink: '/la~1st' },
        { kind: 'min', source: '/at', sink: '/first' },
      ],
    });
    assert.ok(describePlan(scenario).some((line) => line.includes('aggregate (count, sum, max, min)')));
    const exact = readText(text(totals.replace('count: { sink', 'sum: { source: /a, sink'), TOTALS), 'x.yaml').scenario;
    assert.ok(exact?.workload.job === 'attached' && exact.workload.attach.relation.kind === 'aggregate');
    assert.deepEqual(exact.workload.attach.relation.invariants[0], {
      kind: 'sum',
      source: '/a',
      sink: '/orders',
      tolerance: 0,
    });
  });

  it('has no lag to be stopped by, where it is totals', () => {
    const stop = 'stop: [{ lagAbove: 5 }, { noOutputFor: 9s }]\n';
    const found = mistakes(`${text(totals, TOTALS)}${stop}`);
    assert.deepEqual(
      found.map((line) => line.replace(/^x\.yaml:\d+:\d+ /, '')),
      ['stop[0].lagAbove: needs the lag, which totals do not show; write noOutputFor'],
    );
  });

  for (const [invariant, words] of WRONG_INVARIANTS) {
    it(`refuses of invariants: ${words}`, () => {
      const found = mistakes(totalsWith(invariant));
      assert.ok(
        found.some((line) => /^x\.yaml:3:\d+ /.test(line) && line.includes(words)),
        found.join('\n'),
      );
    });
  }

  for (const [attach, words] of WRONG_ATTACH) {
    it(`refuses: ${words}`, () => {
      const found = mistakes(text(attach));
      assert.ok(
        found.some((line) => line.includes(words)),
        found.join('\n'),
      );
    });
  }

  for (const [attach, rest, words] of [
    [good.replace('topic: out', 'topic: orders'), {}, 'workload.attach.sink.topic: is the topic that the job reads'],
    [`${good}, relation: subset`, {}, 'workload.attach.relation: subset needs a filter'],
    [`${good}, filter: { json: /a, exists: true }`, {}, 'workload.attach.filter: does not go with one-to-one'],
    [
      good.replace('json: /order/id', 'avro: id, schemaRegistry: "http://me:secret@registry:8081"'),
      {},
      'workload.attach.source.identity: names a schema registry with a password',
    ],
    [`${good}, times: 2`, {}, 'workload.attach.times: does not go with one-to-one'],
    [`${good}, relation: aggregate`, TOTALS, 'workload.attach.relation: aggregate needs an invariant; add e.g.'],
    [
      `${good}, invariant: { count: { sink: /n } }`,
      {},
      'workload.attach.invariant: does not go with one-to-one; set relation to aggregate',
    ],
    [`${totals}, times: 2`, TOTALS, 'workload.attach.times: does not go with aggregate'],
    ...['lost', 'duplicated', 'unexpected', 'reordered', 'recovered'].map(
      (name) =>
        [
          totals,
          { objectives: `{ ${name}: 0 }` },
          `objectives.${name}: needs each record in the output, and an aggregate is totals; bound wrongState instead`,
        ] as const,
    ),
    [totals, { objectives: '{ caughtUp: 30s }' }, 'objectives.caughtUp: needs the lag, which totals do not show'],
    [
      totals,
      { objectives: '{ phase.caughtUp: 30s }' },
      'objectives.phase.caughtUp: needs the lag, which totals do not show',
    ],
    [good, { objectives: '{ wrongState: 0 }' }, "objectives.wrongState: needs a job of Flinch's own"],
    [good, { objectives: '{ recovered: 0 }' }, "objectives.recovered: needs a job of Flinch's own"],
  ] as const) {
    it(`refuses: ${words}`, () => {
      const found = mistakes(text(attach, rest));
      assert.equal(found.length, 1, found.join('\n'));
      assert.ok(found[0]?.includes(words), found[0]);
    });
  }

  it("tells attach from a job of Flinch's own, also where both are begun", () => {
    const both = mistakes(scenarioText({ workload: `{ attach: { ${good} }, rate: 1/s }` }));
    assert.match(both.join('\n'), /workload\.rate: unknown key "rate"; write attach/);
    assert.match(mistakes(scenarioText({ workload: '3' })).join('\n'), /workload: 3 is not a workload; write e\.g\./);
    assert.match(
      mistakes(scenarioText({ workload: '{ attach: 3 }' })).join('\n'),
      /workload\.attach: 3 is not a job with its topics/,
    );
  });
});
