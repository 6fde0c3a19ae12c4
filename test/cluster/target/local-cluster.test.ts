import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ownScript } from '../../support/own-script.js';

type Steps = Record<string, never>;

describe('a local cluster', () => {
  let runDir: string;
  beforeEach(() => {
    runDir = mkdtempSync(join(tmpdir(), 'flinch-test-'));
  });
  afterEach(() => rmSync(runDir, { recursive: true, force: true }));

  const own = async (config: object, env: Record<string, string>): Promise<Steps> => {
    const args = [...ownScript('cluster-owner'), runDir, JSON.stringify(config)];
    const { stdout } = await execa(process.execPath, args, { env, reject: false, timeout: 20 * 60_000 });
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as { step: string; value: never });
    return Object.fromEntries(lines.map(({ step, value }) => [step, value]));
  };

  const forms: [string, Record<string, string>][] = [
    ['in the best form of isolation', {}],
    ['as plain processes', { FLINCH_ISOLATION: 'none' }],
  ];
  for (const [name, env] of forms) {
    it(`comes up, loses and regains a node, and goes away, ${name}`, async () => {
      const steps = await own({}, env);
      assert.deepEqual(steps, {
        up: 5,
        killed: { exits: [['taskmanager-1', 'SIGKILL']], now: null },
        started: { other: true, same: true },
        stopped: [null, null, null, null, null],
      });
      assert.equal(readdirSync(join(runDir, 'logs')).length, 5);
      const log = readFileSync(join(runDir, 'logs', 'taskmanager-1.log'), 'utf8');
      assert.match(log, /Starting TaskManager/);
    });
  }

  it('that cannot start says which node ended and what its log says', async () => {
    const steps = await own({ 'taskmanager.memory.managed.size': 'nonsense' }, {});
    const { code, message } = steps.failed as unknown as { code: string; message: string };
    assert.equal(code, 'NODE_EXITED');
    assert.match(message, /taskmanager-1 exited/);
    assert.match(message, /nonsense/);
  });
});
