import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ALLOWED } from '../../../src/cli/allowed-namespaces.js';
import { loadScenarios } from '../../../src/scenario/index.js';
import { flinch } from '../../support/command-line.js';
import { scenarioText } from '../../support/scenario-texts.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

interface Printed {
  kind: string;
  metadata: { name: string };
  data: Record<string, string>;
  spec: { schedule?: string; template: { spec: { containers: { args: string[]; image: string }[] } } };
}

/** Of a cluster that nobody has to know: there is no kubeconfig. */
const WHERE = ['--target', 'kubernetes', '--namespace', 'on', '--cluster', 'orders'];
const JOB_OF_ITS_OWN = ['--brokers', 'kafka-1:9092', '--gateway', 'http://gateway:8083'];
const MANIFEST = ['--manifest', '--image', 'flinch:1'];

describe('the manifest of a run inside the cluster', () => {
  const folder = temporaryFolder();
  const scenario = (name: string, fault = '- deletePod: { node: taskmanager }') => {
    const file = join(folder(), `${name}.yaml`);
    writeFileSync(file, scenarioText({ scenario: name, faults: `[{ ${fault.slice(2)} }]` }));
    return file;
  };
  /** As kubectl reads it. */
  const objectsIn = (said: string) =>
    parseAllDocuments(said, { version: '1.1' }).map((document) => document.toJS() as Printed);
  const argsOf = (said: string) => objectsIn(said).at(-1)?.spec.template.spec.containers[0]?.args ?? [];

  it('has the scenarios as they were given, in their order, and the options of the run', async () => {
    const files = [scenario('second'), scenario('first')];
    const { code, said } = await flinch('run', ...files, ...WHERE, ...JOB_OF_ITS_OWN, ...MANIFEST, '--seed', '7');
    assert.equal(code, 0, said);
    const { data } = objectsIn(said).find(({ kind }) => kind === 'ConfigMap') ?? { data: {} as Record<string, string> };
    assert.deepEqual(Object.keys(data), ['1-second.yaml', '2-first.yaml']);
    for (const [name, text] of Object.entries(data)) writeFileSync(join(folder(), name), text);
    const again = loadScenarios(Object.keys(data).map((name) => join(folder(), name)));
    assert.deepEqual(
      again.scenarios.map(({ text }) => text),
      loadScenarios(files).scenarios.map(({ text }) => text),
    );
    assert.deepEqual(argsOf(said), [
      ...['run', '/scenarios', ...WHERE, ...JOB_OF_ITS_OWN],
      ...['--seed', '7', '--reports', '/work/reports'],
    ]);
  });

  it('sends hands of its own image where they are needed, and of another one where that is named', async () => {
    const file = scenario('paused', '- pause: { node: taskmanager, duration: 10s }');
    const run = ['run', file, ...WHERE, ...JOB_OF_ITS_OWN, ...MANIFEST];
    const handOf = (args: string[]) => args[args.indexOf('--hand-image') + 1];
    assert.equal(handOf(argsOf((await flinch(...run)).said)), 'flinch:1');
    assert.equal(handOf(argsOf((await flinch(...run, '--hand-image', 'tools:2')).said)), 'tools:2');
  });

  it('is another Job each time, and the same CronJob', async () => {
    const run = ['run', scenario('deleted'), ...WHERE, ...JOB_OF_ITS_OWN, ...MANIFEST];
    const [once, nightly] = [await flinch(...run), await flinch(...run, '--schedule', '0 3 * * *')];
    const named = ({ said }: { said: string }) =>
      objectsIn(said).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.match(named(once).join(), /^Persist.* flinch-orders,ConfigMap (flinch-orders-\w+),Job \1$/);
    assert.match(named(nightly).join(), /^Persist.* flinch-orders,ConfigMap flinch-orders,CronJob flinch-orders$/);
  });

  it('heals what a killed run left on the volume', async () => {
    const { code, said } = await flinch('heal', ...WHERE, ...MANIFEST);
    assert.equal(code, 0, said);
    assert.deepEqual(argsOf(said), ['heal', ...WHERE]);
  });

  it('refuses what would fail there', async () => {
    const deleted = scenario('refused');
    for (const [args, code, says] of [
      [['--manifest', ...WHERE], 3, /USAGE: .* add --target kubernetes and --image/],
      [MANIFEST, 3, /USAGE: .* add --target kubernetes and --image/],
      [[...MANIFEST, ...WHERE], 3, /USAGE: refused submits a job of its own.* add --brokers and --gateway/],
      [[...MANIFEST, ...WHERE, ...JOB_OF_ITS_OWN, '--schedule', '3am'], 3, /USAGE: "3am" is no schedule/],
    ] as const) {
      const answer = await flinch('run', deleted, ...args);
      assert.equal(answer.code, code, answer.said);
      assert.match(answer.said, says);
    }
    process.env[ALLOWED] = 'chaos-*';
    try {
      const { code, said } = await flinch('run', deleted, ...MANIFEST, ...WHERE, ...JOB_OF_ITS_OWN);
      assert.equal(code, 4, said);
      assert.match(said, /GUARD: FLINCH_NAMESPACES allows chaos-\* - namespace on/);
    } finally {
      delete process.env[ALLOWED];
    }
    const broker = scenario('elsewhere', '- kill: { node: broker, duration: 10s }');
    const answer = await flinch('run', broker, ...WHERE, ...JOB_OF_ITS_OWN, ...MANIFEST);
    assert.equal(answer.code, 4, answer.said);
    assert.match(answer.said, /CAPABILITY_MISSING: on Kubernetes faults befall/);
  });
});
