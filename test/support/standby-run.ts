import assert from 'node:assert/strict';
import { type Flinch, SCENARIOS } from './flinch.js';
import { resultOf } from './main-scenario.js';

/** A run on a kept cluster whose fault nobody feels. */
export function standbyRun(on: () => Flinch): void {
  it('the standby was killed: passed, and not impacted is not a recovery of 0 s', async () => {
    // Where the machine is too busy to look often enough, that is what it says, and it may be asked again.
    const verdicts: string[] = [];
    do {
      await on().run('run', `${SCENARIOS}kill-standby-jobmanager.yaml`);
      verdicts.push(resultOf(on()).verdict);
    } while (verdicts.at(-1) === 'inconclusive' && verdicts.length < 3);
    const { verdict, faults, objectives, headline } = resultOf(on());
    assert.equal(verdict, 'passed', headline);
    assert.equal(faults[0]?.impact?.state, 'none');
    const running = faults[0]?.phases.find(({ name }) => name === 'tasksRunning');
    assert.equal(running?.state, 'not-impacted');
    assert.equal(running?.took, undefined);
    assert.equal(objectives.find(({ name }) => name === 'impact')?.measured, 'not impacted');
  });
}
