import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../src/journal/reader.js';
import { decideIsolation } from '../../../src/target/local/index.js';
import { type Flinch, flinch, SCENARIOS } from '../../support/flinch.js';
import { innerOf, living, namespaceOf, until } from '../../support/host-processes.js';

const MAIN = `${SCENARIOS}kill-leader-jobmanager.yaml`;
const mounts = (): string => readFileSync('/proc/self/mounts', 'utf8');
const links = (): string => readFileSync('/proc/net/dev', 'utf8').replaceAll(/:.*/g, '');

describe('a runner that dies by kill -9', () => {
  let it_: Flinch;
  before(async function () {
    if ((await decideIsolation()).isolation === 'none') this.skip();
  });
  beforeEach(() => {
    it_ = flinch();
  });
  afterEach(() => rmSync(it_.cwd, { recursive: true, force: true }));

  for (const [when, text, victim] of [
    ['while the cluster starts', 'starting the cluster', 'outer'],
    ['while the cluster starts, the process inside', 'starting the cluster', 'inner'],
    ['during the fault', 'fault 1 proven', 'outer'],
    ['after the fault', 'settling', 'outer'],
  ] as const) {
    it(`${when}: no process, mount or network is left within a second`, async () => {
      const before = [mounts(), links()];
      const run = it_.start('run', MAIN);
      await run.says(text);
      if (text === 'starting the cluster') await until('the first JVMs', () => innerCount(run.child.pid) > 3);
      const inner = innerOf(run.child.pid ?? 0) ?? Number.NaN;
      const namespace = namespaceOf(inner, 'pid') ?? '';
      assert.ok(living(namespace).length > 1);
      process.kill(victim === 'outer' ? (run.child.pid ?? 0) : inner, 'SIGKILL');
      await until('the end of everything', () => living(namespace).length === 0, 1000);
      const { code } = await run.ended();
      assert.notEqual(code, 0);
      assert.deepEqual([mounts(), links()], before);
      // What was journalled before is there, and it is no verdict.
      const [dir = ''] = it_.runs();
      const { events } = readJournal(join(dir, 'journal.ndjson'));
      assert.ok(events.length > 0);
      const again = await it_.run('report', dir);
      assert.equal(again.code, 2);
      assert.match(again.stdout, /^INCONCLUSIVE/);
    });
  }
});

function innerCount(outer: number | undefined): number {
  const inner = innerOf(outer ?? 0);
  const namespace = inner === undefined ? undefined : namespaceOf(inner, 'pid');
  return namespace === undefined ? 0 : living(namespace).length;
}
