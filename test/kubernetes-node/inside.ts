import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import { SCENARIOS } from '../support/flinch.js';
import { belongingsOf } from '../support/kubernetes/node/belongings.js';
import type { Subject } from '../support/kubernetes/node/lab.js';
import { RUNNER_IMAGE } from '../support/kubernetes/node/runner-image.js';
import { type EndedJob, type RunnerJobs, runnerJobs } from '../support/kubernetes/node/runner-jobs.js';

const POLL = { every: 1_000, clock: systemClock, signal: new AbortController().signal };
/** Options of whoever is outside. */
const OUTSIDE = ['--kubeconfig', '--hand-image'];

/** Runs on a cluster from inside it: on the node, and with the brokers, of runs from outside. */
export function runsInside(outside: () => Subject): void {
  describe('from inside the cluster', () => {
    let jobs: RunnerJobs;
    let had: string[];

    const has = () => belongingsOf(outside().node, outside().flink.namespace);
    before(async () => {
      had = await has();
      const { node, flink } = outside();
      jobs = await runnerJobs(node, flink.namespace, `flinch-${flink.clusterId}`);
    });

    /** What users would apply. */
    async function printed(file: string, ...more: string[]): Promise<string> {
      const { it_, where } = outside();
      const inside = where.filter((it, i) => !OUTSIDE.includes(it) && !OUTSIDE.includes(where[i - 1] ?? ''));
      const manifest = ['--manifest', '--image', RUNNER_IMAGE];
      const { code, stdout, stderr } = await it_.run('run', file, ...inside, ...manifest, ...more);
      assert.equal(code, 0, stderr);
      return stdout;
    }
    async function ended(job: string): Promise<EndedJob> {
      const how = await jobs.ended(job);
      if (process.env.FLINCH_TELL) process.stdout.write(`${how.log}\n${how.message}\n`);
      return how;
    }

    it('heals what a killed run left, by the volume of both, then passes', async () => {
      const drained = outside().scenarioWith('killed-inside', 'drainNode: { node: taskmanager, duration: 5min }');
      const killed = await jobs.start(await printed(drained));
      await jobs.effective(killed, 'killed-inside');
      await jobs.kill(killed);
      assert.match((await ended(killed)).message, /exit code 137/);
      assert.match((await has()).join('\n'), /^Node \S+ takes no pods/m);

      const next = await jobs.start(await printed(join(SCENARIOS, 'kubernetes', 'delete-taskmanager.yaml')));
      const { complete, message, log } = await ended(next);
      assert.ok(complete, `${message}\n${log}`);
      assert.match(log, /healed: nobody keeps pods away from \S+\n.*PASSED {2}delete-taskmanager/s);
      const folder = jobs.folder('delete-taskmanager') ?? '';
      for (const file of ['report.html', 'junit.xml']) assert.ok(existsSync(join(folder, file)), file);
    });

    it('heals when its pod is deleted, with hands of its own image', async () => {
      const paused = outside().scenarioWith('deleted-inside', 'pause: { node: taskmanager, duration: 5min }');
      const job = await jobs.start(await printed(paused, '--schedule', '0 3 * * *'));
      await jobs.effective(job, 'deleted-inside');
      await jobs.deletePod(job);
      const { complete, message } = await ended(job);
      assert.equal(complete, false);
      assert.match(message, /exit code 130/);
      const types = jobs.journal('deleted-inside').map(({ type }) => type);
      for (const type of ['interrupted', 'fault.healed', 'run.ended'] as const) assert.ok(types.includes(type), type);
    });

    it('heals in place of a run outside that is killed', async () => {
      const { it_, where, scenarioWith, asItWas, node, flink } = outside();
      const before = await belongingsOf(node, flink.namespace);
      const drained = scenarioWith('kept-inside', 'drainNode: { node: taskmanager, duration: 5min }');
      const run = it_.start('run', drained, ...where, '--keeper-image', RUNNER_IMAGE);
      await run.says('fault 1 proven');
      run.child.kill('SIGKILL');
      await run.ended();
      assert.match((await has()).join('\n'), /^Node \S+ takes no pods/m);
      // Nobody but the keeper does anything: it is gone with the last of its work.
      await pollUntil(
        'a machine that takes pods',
        async () => (await has()).some((it) => / takes pods /.test(it)) || undefined,
        {
          ...POLL,
          within: 180_000,
        },
      );
      await flink.whole();
      await asItWas(before);
    });

    it('leaves nothing but what was made for it', async () => {
      await jobs.clear();
      await outside().flink.whole();
      await outside().asItWas(had);
    });
  });
}
