import assert from 'node:assert/strict';
import { examine } from '../../../src/doctor/examine.js';
import { nearestOption } from '../../../src/doctor/nearest-option.js';
import { flinkOptions, lineOf } from '../../../src/doctor/options.js';
import { subjectsOf } from '../../../src/doctor/read/subjects.js';
import { unknownSetting } from '../../../src/doctor/rules/unknown-setting.js';
import { flinkVersion } from '../../../src/doctor/settings.js';

const found = (text: string, flink?: string) =>
  subjectsOf('config.yaml', text, flinkVersion(flink ?? '')).flatMap((it) => examine(it, [unknownSetting]));
const line = (text: string): string | undefined => {
  const version = flinkVersion(text);
  assert.ok(version);
  return lineOf(version);
};

describe('doctor/options', () => {
  it('are those of every line that a local cluster can have', () => {
    const all = flinkOptions();
    assert.ok(all.length > 700, `${all.length}`);
    assert.deepEqual([...new Set(all.flatMap(({ lines }) => lines))].sort(), ['1.20', '2.2', '2.3']);
    const of = (key: string) => all.find((it) => it.key === key);
    assert.ok(of('execution.checkpointing.dir')?.older.includes('state.checkpoints.dir'));
    assert.deepEqual(of('kubernetes.cluster-id')?.lines, ['1.20', '2.2', '2.3']);
  });

  it('stand for the versions between them', () => {
    assert.deepEqual(['1.20.3', '2.0', '2.2.1', '2.9', '1.17'].map(line), ['1.20', '1.20', '2.2', '2.3', undefined]);
  });

  it('offer what was probably meant', () => {
    const keys = flinkOptions().map(({ key }) => key);
    for (const [wrong, right] of [
      ['kubernetes.high-availability', 'high-availability.type'],
      ['state.checkpoints.interval', 'execution.checkpointing.interval'],
      ['restart.strategy', 'restart-strategy.type'],
      ['heartbeat.timout', 'heartbeat.timeout'],
      ['high-availability.storage-dir', 'high-availability.storageDir'],
    ] as const) {
      assert.equal(nearestOption(wrong, keys), right);
    }
    assert.equal(nearestOption('zzz', keys), undefined);
  });

  it('tell what is ignored, with its line, and leave what people name themselves alone', () => {
    const text = `heartbeat.timout: 5 s
metrics.reporter.mine.class: x
kubernetes.jobmanager.labels.team: a
env.java.opts.all: -Xmx1g
`;
    assert.deepEqual(
      found(text, '1.20').map(({ line: at, fix }) => [at, fix]),
      [[1, 'perhaps heartbeat.timeout is meant']],
    );
  });

  it('know what a version has dropped, and that an unknown version may have it', () => {
    const text = 'restart-strategy: fixed-delay\n';
    assert.deepEqual(found(text, '1.20'), []);
    assert.deepEqual(found(text), []);
    const dropped = found('web.ssl.enabled: true\nstate.backend.rocksdb.memory.managed: true\n', '2.2');
    assert.deepEqual(
      dropped.map(({ key }) => key),
      ['web.ssl.enabled'],
    );
  });
});
