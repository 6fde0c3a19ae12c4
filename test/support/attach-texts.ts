import { scenarioText } from './scenario-texts.js';

export const ATTACH_SOURCE = 'source: { topic: orders, identity: { json: /order/id } }';
export const GOOD_ATTACH = `job: enrich, ${ATTACH_SOURCE}, sink: { topic: out }, guarantee: exactly-once`;

/** A scenario attached so; `rest` replaces other sections. */
export const attachText = (attach: string, rest: Record<string, string> = {}): string =>
  scenarioText({ workload: `{ attach: { ${attach} } }`, ...rest });

/** A scenario attached to a job of totals with this invariant. */
export const totalsWith = (invariant: string): string =>
  attachText(`${GOOD_ATTACH}, relation: aggregate, invariant: ${invariant}`, { objectives: '{ wrongState: 0 }' });

/** What is wrong with an invariant, and words of the complaint. */
export const WRONG_INVARIANTS: readonly [invariant: string, words: string][] = [
  ['{}', 'workload.attach.invariant: says nothing of the sink; write { count: { sink: /orders } }'],
  ['3', 'workload.attach.invariant: 3 is not an invariant; write { count'],
  ['{ avg: { sink: /a } }', 'workload.attach.invariant.avg: unknown key "avg"'],
  ['{ count: /orders }', 'workload.attach.invariant.count: "/orders" does not say where its numbers are; write {'],
  ['{ count: {} }', 'workload.attach.invariant.count.sink: nothing is not a JSON pointer; write text'],
  ['{ count: { source: /a, sink: /b } }', 'workload.attach.invariant.count.source: unknown key "source"'],
  ['{ sum: { sink: /b } }', 'workload.attach.invariant.sum.source: nothing is not a JSON pointer; write text'],
  ['{ sum: { source: amount, sink: /b } }', 'sum.source: "amount" does not begin with a slash; write /amount'],
  ['{ sum: { source: /a, sink: /b, tolerance: -1 } }', 'sum.tolerance: -1 is below 0; write e.g. 0.01'],
  ['{ sum: { source: /a, sink: /b, tolerance: x } }', 'sum.tolerance: "x" is not a number; write e.g. 0.01'],
  ['{ max: { source: /a, sink: /b, tolerance: 1 } }', 'invariant.max.tolerance: unknown key "tolerance"'],
];

/** What is wrong in itself with what a scenario is attached to, and words of the complaint. */
export const WRONG_ATTACH: readonly [attach: string, words: string][] = [
  [
    `${ATTACH_SOURCE}, sink: { topic: out }, guarantee: none`,
    '3:13 workload.attach.job: is missing; write the name or id of a job',
  ],
  [
    `${GOOD_ATTACH}, relatoin: subset`,
    '3:141 workload.attach.relatoin: unknown key "relatoin"; did you mean relation?',
  ],
  [GOOD_ATTACH.replace('orders', 'or ders'), 'workload.attach.source.topic: "or ders" is not the name of a topic'],
  [
    GOOD_ATTACH.replace('/order/id', 'order/id'),
    'workload.attach.source.identity.json: "order/id" does not begin with a slash; write /order/id',
  ],
  [
    GOOD_ATTACH.replace('json: /order/id', 'jsn: /order/id'),
    'workload.attach.source.identity.jsn: unknown key "jsn"; did you mean json?',
  ],
  [GOOD_ATTACH.replace('exactly-once', 'exactly'), 'workload.attach.guarantee: unknown value "exactly"'],
  [`${GOOD_ATTACH}, patience: 5`, 'workload.attach.patience: 5 has no unit; write 5s'],
  [`${GOOD_ATTACH}, brokers: [kafka]`, 'workload.attach.brokers[0]: "kafka" is not the address of a broker'],
  [`${GOOD_ATTACH}, sink: 3`, 'workload.attach.sink: the key is written twice'],
];
