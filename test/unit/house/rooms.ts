/** What each room of src/ may import, by room or by file: the table of docs/architecture.md as data. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  client: ['core'],
  scenario: ['core', 'fault/schemas', 'reconcile/identity/spec', 'reconcile/filter-spec'],
  journal: ['core'],
  target: ['core', 'client'],
  // The schemas of faults are part of the language, with its words for a quantity.
  fault: ['core', 'target/ports', 'scenario/values'],
  workload: ['core', 'client', 'target/ports'],
  observe: ['core', 'client', 'journal'],
  reconcile: ['core', 'client'],
  run: [
    'core',
    'client',
    'scenario',
    'journal',
    'target',
    'fault',
    'workload',
    'observe',
    'reconcile',
    'judge',
    'report',
  ],
  predict: ['core'],
  judge: ['core', 'journal', 'predict'],
  report: ['core', 'journal', 'judge'],
  doctor: ['core', 'client'],
  cli: ['*'],
  index: ['*'],
};

/** Packages that touch a network, and files outside client/ that may use them. */
export const NETWORK_PACKAGES: Readonly<Record<string, RegExp | undefined>> = {
  axios: undefined,
  kafkajs: undefined,
  'node-zookeeper-client': undefined,
  '@kubernetes/client-node': undefined,
  'node:net': /^target\/local\//,
};

export const MOCHA_USERS = /^(run\/mocha\/.*|cli\/.*)$/;
export const LONGEST_FILE = 300;
