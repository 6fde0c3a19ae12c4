import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { predictScenarios } from '../../../src/cli/predict.js';
import { writtenSettings } from '../../../src/cli/written-case.js';
import { hasCode } from '../../support/has-code.js';
import { scenarioText } from '../../support/scenario-texts.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const SESSION = 'high-availability.zookeeper.client.session-timeout';

describe('flinch predict', () => {
  const folder = temporaryFolder();
  async function said(text: string, options: Partial<Parameters<typeof predictScenarios>[1]> = {}): Promise<string> {
    const file = join(folder(), 'a.yaml');
    writeFileSync(file, text);
    const { write } = process.stdout;
    let all = '';
    process.stdout.write = ((chunk: string) => {
      all += chunk;
      return true;
    }) as typeof write;
    try {
      assert.equal(await predictScenarios([file], { set: {}, ...options }), 0);
    } finally {
      process.stdout.write = write;
    }
    return all;
  }

  it('says what becomes of the job, when, and by which setting', async () => {
    const text = await said(scenarioText(), { set: { [SESSION]: '9s' } });
    assert.match(text, /what its settings promise, with .*session-timeout = 9s/);
    assert.match(text, /fault 1, kill: a JobManager takes over/);
    assert.match(text, /leadershipLost +6\.00 s to .*session-timeout = 9s/);
  });

  it('takes what a server grants from its ticks', async () => {
    const text = await said(scenarioText({ objectives: '{ recovery: { within: 30s } }' }), {
      set: { 'zookeeper.tickTime': '2000', [SESSION]: '60s' },
    });
    assert.match(
      text,
      /leadershipLost +26\.67 s to 43\.00 s .*session-timeout = 60s, zookeeper\.maxSessionTimeout = 40000/,
    );
    assert.match(text, /recovery within 30s: may be missed: 26\.67 s to 60\.00 s/);
    assert.match(text, /kept with .*session-timeout = 10s\n +which costs: a leader that stands still/);
  });

  it('tells the backlog where it is told what the job can process', async () => {
    const text = await said(scenarioText(), { capacity: '5000/s' });
    assert.match(text, /up to \d+ records wait then; at 4000\/s beyond what comes in they are gone in/);
    assert.match(text, /caughtUp/);
    await assert.rejects(said(scenarioText(), { capacity: 'lots' }), hasCode('USAGE', /--capacity lots/));
  });

  it('has all of it as JSON', async () => {
    const { scenarios, set } = JSON.parse(
      await said(scenarioText(), { json: true, set: { 'heartbeat.interval': '2s' } }),
    );
    assert.deepEqual(set, { 'heartbeat.interval': '2s' });
    const [{ faults }] = scenarios;
    assert.equal(faults[0].course.name, 'takeover');
    assert.equal(faults[0].phases.at(-1).name, 'firstOutput');
    assert.ok(faults[0].phases.at(-1).sinceTheFault.atMost > 0);
  });

  it('says nothing of faults together', async () => {
    const together = '[{ together: [{ kill: { node: taskmanager } }, { kill: { node: jobmanager.leader } }] }]';
    assert.match(await said(scenarioText({ faults: together })), /Of faults together nothing can be said/);
  });

  it('takes older names of a setting, and refuses what is none', () => {
    assert.deepEqual(writtenSettings({ 'akka.ask.timeout': '5s' }), { 'pekko.ask.timeout': '5s' });
    const refused: [string, string, RegExp][] = [
      ['heartbeat.timout', '3s', /did you mean heartbeat\.timeout/],
      ['heartbeat.timeout', '3x', /write a duration as Flink does/],
      ['heartbeat.rpc-failure-threshold', 'two', /write a number/],
      ['heartbeat.rpc-failure-threshold', '20s', /write a number/],
      ['zookeeper.tickTime', 'slow', /write a duration/],
      ['taskmanager.numberOfTaskSlots', '3', /decides no phase/],
      ['colour', 'red', /write a key of Flink/],
    ];
    for (const [key, value, sentence] of refused) {
      assert.throws(() => writtenSettings({ [key]: value }), hasCode('USAGE', sentence));
    }
  });
});
