import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { lackingOf } from '../../src/target/local/isolation.js';
import { decideIsolation } from '../../src/target/local/isolation-probe.js';
import { FAULTS, type Point } from '../support/crash/points.js';
import { ownScript } from '../support/own-script.js';

/** Where a runner died, whether faults were open then, and what was left after the healing. */
type Death = Point & { died: boolean; open: number; left: string[] };

/** By who heals: so many deaths, unless FLINCH_POINTS says how many. The timer waits before it heals. */
const POINTS = { heal: 30, 'dead-man': 5 };
/** Printed with a failure: with it the same deaths come again. */
const SEED = process.env.FLINCH_SEED ?? String(Date.now() % 1_000_000_007);

describe('a runner that dies by kill -9, at any moment of a fault', () => {
  before(async function () {
    if (lackingOf(await decideIsolation()).network !== undefined) this.skip();
  });

  for (const [mode, usual] of Object.entries(POINTS)) {
    it(`leaves nothing that ${mode === 'heal' ? 'healing from the ledger' : 'the dead-man timer alone'} does not end`, async () => {
      const points = Number(process.env.FLINCH_POINTS ?? usual);
      const state = mkdtempSync(join(tmpdir(), 'flinch-crash-'));
      try {
        const args = [...ownScript('crash/conductor'), mode, String(points), SEED];
        const { stdout } = await execa(process.execPath, args, { env: { FLINCH_STATE: state }, timeout: 60 * 60_000 });
        const [first, ...deaths] = stdout.split('\n').map((line) => JSON.parse(line) as unknown);
        const { events } = first as { events: boolean[][] };
        assert.ok(events.length === FAULTS.length && events.every((of) => of.length >= 9), JSON.stringify(events));
        assert.equal(deaths.length, points);
        const left = (deaths as Death[]).filter((death) => death.left.length > 0);
        assert.deepEqual(left, [], `seed ${SEED}`);
        // Otherwise nothing was put to the test.
        const open = (deaths as Death[]).filter((death) => death.died && death.open > 0).length;
        assert.ok(open >= points / 3, `${open} of ${points} left an open fault`);
      } finally {
        rmSync(state, { recursive: true, force: true });
      }
    });
  }
});
