import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadMan, LAPSE } from '../../../src/target/local/kept/dead-man.js';
import { handClock } from '../../support/hand-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const RUNNER = { pid: 7, startTime: '1', bootId: 'b' };
const LAPSES = LAPSE / 1000;

describe('the dead-man timer', () => {
  const folder = temporaryFolder();

  /** A timer beside a ledger, and everything that it does, with the second in which it did. */
  function beside() {
    const dir = mkdtempSync(join(folder(), 'cluster-'));
    const [ledger, pulse] = [join(dir, 'ledger'), join(dir, 'pulse.json')];
    mkdirSync(ledger);
    const clock = handClock();
    const over = new AbortController();
    const done: { at: number; what: string }[] = [];
    const act = (what: string) => void done.push({ at: clock.passed() / 1000, what });
    const entry = (state: string, until?: number) =>
      writeFileSync(join(ledger, 'a.json'), JSON.stringify({ id: 'a', state, until }));
    let heals = (): boolean => {
      entry('healed');
      return true;
    };
    let lives = false;
    const { armed } = deadMan(
      { ledger, pulse },
      {
        clock,
        signal: over.signal,
        end: ({ pid }) => act(`end ${pid}`),
        alive: () => lives,
        heal: async (why) => {
          act(why);
          return heals();
        },
      },
    );
    return {
      ledger,
      pulse,
      clock,
      done,
      standsStill() {
        lives = true;
      },
      armed,
      entry,
      at: (second: number, then: () => void) => clock.plan(second * 1000, then),
      onHeal: (then: () => boolean) => {
        heals = then;
      },
      /** One beat a second, in [from, to). */
      beat(from: number, to: number) {
        for (let second = from; second < to; second++) {
          clock.plan(second * 1000, () => writeFileSync(pulse, JSON.stringify({ runner: RUNNER, beat: second })));
        }
      },
      /** Lets so many seconds pass; the timer is over then. */
      pass: (seconds: number) =>
        new Promise<void>((resolve) => {
          clock.plan(seconds * 1000, () => {
            over.abort();
            resolve();
          });
        }),
    };
  }

  it('leaves a runner alone that beats, that has ended as it should, or that stands still without a fault', async () => {
    const alive = beside();
    alive.entry('active');
    alive.beat(0, 100);
    await alive.pass(100);
    assert.deepEqual(alive.done, []);
    const gone = beside();
    gone.entry('healed');
    gone.beat(0, 5);
    gone.at(5, () => rmSync(gone.pulse));
    await gone.pass(100);
    assert.deepEqual(gone.done, []);
    const still = beside();
    still.standsStill();
    still.beat(0, 5);
    await still.pass(100);
    assert.deepEqual(still.done, []);
    assert.ok(existsSync(still.pulse));
  });

  it('clears away what a dead runner left without a fault, again until that is done', async () => {
    const { beat, onHeal, pass, pulse, done } = beside();
    beat(0, 5);
    onHeal(() => done.length >= 3);
    await pass(200);
    assert.deepEqual(
      done.map(({ what }) => what),
      Array(3).fill('the runner has died without a fault'),
    );
    const [first, second] = done.map(({ at }) => at);
    assert.ok(first && first >= 4 + LAPSES && first <= 7 + LAPSES, `${first} s`);
    assert.ok(second && second - first >= 10);
    assert.ok(!existsSync(pulse));
  });

  it('ends a runner that beats no more, then heals what it left, once', async () => {
    for (const state of ['intended', 'active']) {
      const { entry, beat, pass, done } = beside();
      entry(state);
      beat(0, 30);
      await pass(200);
      assert.deepEqual(
        done.map(({ what }) => what),
        ['end 7', `the runner has not been heard of for ${LAPSES} s`],
      );
      const at = done[0]?.at ?? 0;
      assert.ok(at >= 29 + LAPSES && at <= 32 + LAPSES, `${at} s`);
    }
  });

  it('heals at the cap of a fault, though its runner beats', async () => {
    const { clock, entry, beat, pass, done } = beside();
    entry('active', clock.wall() + 50_000);
    beat(0, 100);
    await pass(100);
    assert.deepEqual(
      done.map(({ what }) => what),
      ['end 7', 'a fault is older than its cap'],
    );
    assert.ok((done[0]?.at ?? 0) >= 50 && (done[0]?.at ?? 0) <= 52);
  });

  it('gives a runner of which it never heard the same time, from when the fault was there', async () => {
    const { at, entry, pass, done } = beside();
    at(40, () => entry('intended'));
    await pass(100);
    const [first] = done;
    assert.ok(first && first.at >= 40 + LAPSES && first.at <= 43 + LAPSES, JSON.stringify(done));
  });

  it('tries again, not at once, while something is left or cannot be read', async () => {
    const { ledger, onHeal, pass, done } = beside();
    writeFileSync(join(ledger, 'a.json'), '{ half a');
    onHeal(() => false);
    await pass(100);
    const at = done.map((it) => it.at);
    assert.ok(at.length >= 4 && at.length <= 9, `${at}`);
    assert.ok(
      at.slice(1).every((second, i) => second - (at[i] as number) >= 10),
      `${at}`,
    );
  });

  it('is armed while it hears a pulse, and not by an old one', async () => {
    const { at, beat, pass, armed } = beside();
    const heard: boolean[] = [armed(RUNNER)];
    beat(10, 20);
    for (const second of [9, 15, 30, 60]) at(second, () => heard.push(armed(RUNNER)));
    at(16, () => assert.equal(armed({ ...RUNNER, pid: 8 }), false, 'another runner'));
    await pass(70);
    assert.deepEqual(heard, [false, false, true, true, false]);
  });
});
