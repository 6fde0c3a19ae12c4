import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flinch, SCENARIOS } from './flinch.js';
import { resultOf } from './main-scenario.js';

/** A run on a kept cluster that a condition of its scenario stops while its fault lasts. */
export function stoppedRun(on: () => Flinch, assertHealthy: () => Promise<void>): void {
  it('is healed at once when a stop condition holds, long before the fault would have ended: failed, and why', async () => {
    const file = join(on().cwd, 'stopped.yaml');
    const text = readFileSync(`${SCENARIOS}kill-taskmanager.yaml`, 'utf8')
      .replace('scenario: kill-taskmanager', 'scenario: stopped')
      .replace('- kill: { node: taskmanager }', '- pause: { node: taskmanager.all, duration: 5min }');
    writeFileSync(file, `${text}stop:\n  - noOutputFor: 3s\n  - command: ["true"]\n`);
    const { code, stdout, stderr } = await on().run('run', file);
    assert.equal(code, 1, `${stdout}\n${stderr}`);
    assert.match(stdout, /stopped: no committed output came for [3-9]\.\d+ s, 3s or more/);
    const { headline, objectives, faults, reasons, durationMs } = resultOf(on());
    assert.match(headline, /^The run was stopped: no committed output/);
    assert.deepEqual(reasons, []);
    assert.deepEqual(
      objectives.map(({ name, verdict }) => `${name} ${verdict}`),
      [
        'recovery inconclusive',
        'leaderChanges inconclusive',
        'lost inconclusive',
        'duplicated inconclusive',
        'stop failed',
      ],
    );
    assert.ok(faults[0]?.healed);
    assert.ok(durationMs < 5 * 60_000, `${durationMs} ms`);
    await assertHealthy();
  });
}
