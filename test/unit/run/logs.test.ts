import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepLogs } from '../../../src/run/steps/copy-logs.js';
import { relevantLines } from '../../../src/run/steps/node-logs.js';
import type { Cluster } from '../../../src/target/ports.js';
import { handMadeCluster } from '../../support/hand-made-cluster.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('the logs of nodes', () => {
  const folder = temporaryFolder();
  const cluster = (): Cluster => ({ ...handMadeCluster().cluster, logFile: (node) => join(folder(), `${node}.log`) });
  const log = (node: string) => join(folder(), `${node}.log`);

  describe('kept with the run', () => {
    const copy = (node: string) => join(folder(), 'run', 'logs', `${node}.log`);
    const names = handMadeCluster().cluster.nodes.map(({ name }) => name);

    it('are what was written while it ran, whole, and nothing of before', () => {
      for (const name of names) writeFileSync(log(name), 'before\n');
      const long = `${'x'.repeat(100)}\n`.repeat(25_000);
      const keep = keepLogs(cluster(), join(folder(), 'run'));
      appendFileSync(log('jobmanager-1'), long);
      keep();
      assert.equal(readFileSync(copy('jobmanager-1'), 'utf8'), long);
      assert.equal(readFileSync(copy('broker-1'), 'utf8'), '');
    });

    it('are kept of every other node when one has none', () => {
      for (const name of names) writeFileSync(log(name), '');
      const keep = keepLogs(cluster(), join(folder(), 'run'));
      for (const name of names) appendFileSync(log(name), 'said\n');
      rmSync(log('jobmanager-1'));
      assert.throws(keep, /jobmanager-1\.log/);
      for (const name of names.slice(1)) assert.equal(readFileSync(copy(name), 'utf8'), 'said\n', name);
    });

    it('are left where they are when that is the folder of the run', () => {
      mkdirSync(join(folder(), 'run', 'logs'), { recursive: true });
      for (const name of names) writeFileSync(copy(name), 'whole\n');
      keepLogs({ ...cluster(), logFile: copy }, join(folder(), 'run'))();
      assert.equal(readFileSync(copy('jobmanager-1'), 'utf8'), 'whole\n');
    });

    it('need no folder when there is nothing to copy', () => {
      keepLogs({ ...cluster(), nodes: [] }, join(folder(), 'run'))();
      assert.equal(existsSync(join(folder(), 'run')), false);
    });
  });

  describe('searched for what matters', () => {
    const lines = (...text: string[]) => writeFileSync(log('jobmanager-1'), `${text.join('\n')}\n`);
    const since = Date.parse('2026-11-21T06:00:00.500');
    const found = () => relevantLines(cluster(), 'jobmanager-1', since);

    it('give what tells of leadership, recovery and trouble, from the beginning of the run on', () => {
      const told = [
        '2026-11-21 06:00:00,500 INFO  o.a.f.Runner [] - jobmanager was granted leadership with leader id 1',
        '2026-11-21 06:00:01,000 ERROR o.a.f.Something [] - broke',
        '2026-11-21T06:00:02,000 INFO  o.a.f.Job [] - Restoring job 7 from Checkpoint 3',
      ];
      lines(
        '2026-11-21 06:00:00,499 ERROR o.a.f.Something [] - of an earlier run',
        '2026-11-21 06:00:00,900 INFO  o.a.f.Something [] - nothing new',
        '\tat java.lang.Thread.run ERROR without a time',
        ...told,
      );
      assert.deepEqual(found(), told);
    });

    it('give the last words of a JVM, which have no time of their own', () => {
      const words = '# There is insufficient memory for the Java Runtime Environment to continue.';
      lines('2026-11-21 05:59:00,000 INFO  o.a.f.Runner [] - before', words, '2026-11-21 06:00:01,000 INFO  up', words);
      assert.deepEqual(found(), [words]);
    });

    it('give 40 lines of 400 characters at most', () => {
      lines(...Array.from({ length: 50 }, () => `2026-11-21 06:00:01,000 ERROR ${'x'.repeat(500)}`));
      assert.equal(found().length, 40);
      assert.ok(found().every((line) => line.length === 403 && line.endsWith('x...')));
    });

    it('are read from their end when they are huge', () => {
      const line = `2026-11-21 06:00:01,000 INFO ${'x'.repeat(1000)}\n`;
      writeFileSync(log('jobmanager-1'), line.repeat(4200));
      appendFileSync(log('jobmanager-1'), '2026-11-21 06:00:09,000 ERROR last\n');
      assert.deepEqual(found(), ['2026-11-21 06:00:09,000 ERROR last']);
    });

    it('give nothing where there is no log', () => assert.deepEqual(found(), []));
  });
});
