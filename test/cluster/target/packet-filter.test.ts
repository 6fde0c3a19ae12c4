import assert from 'node:assert/strict';
import { execa } from 'execa';
import { lackingOf } from '../../../src/target/local/isolation.js';
import { decideIsolation } from '../../../src/target/local/isolation-probe.js';
import type { Dropped } from '../../../src/target/ports.js';
import { ownScript } from '../../support/own-script.js';

const OTHERS = { 'taskmanager-1 > jobmanager-1': true };

describe('cutting nodes off from each other, in real namespaces', () => {
  const steps = new Map<string, unknown>();
  const at = <T>(step: string): T => steps.get(step) as T;
  before(async function () {
    const lacking = lackingOf(await decideIsolation());
    if (lacking.network !== undefined || lacking.latency !== undefined) this.skip();
    const { stdout } = await execa(process.execPath, ownScript('filter-dweller'), { timeout: 60_000 });
    for (const line of stdout.split('\n').filter(Boolean)) {
      const { step, value } = JSON.parse(line) as { step: string; value: unknown };
      steps.set(step, value);
    }
  });

  it('nothing is cut before', () => {
    const [reached, cuts] = at<[Record<string, boolean>, object]>('before');
    assert.deepEqual([Object.values(reached), cuts], [[true, true, true, true], {}]);
  });

  it('drops every packet both ways, between these nodes only, and counts them', () => {
    const [reached, cuts] = at<[Record<string, boolean>, Record<string, Dropped[]>]>('cut');
    assert.deepEqual(reached, {
      ...OTHERS,
      'taskmanager-1 > broker-1': false,
      'broker-1 > taskmanager-1': false,
      'taskmanager-2 > broker-1': false,
    });
    assert.deepEqual(Object.keys(cuts).sort(), ['cut-1', 'cut-2']);
    const links = (cuts['cut-1'] ?? []).map(({ from, to, packets, bytes }) => [from, to, packets > 0, bytes > packets]);
    assert.deepEqual(links, [
      ['taskmanager-1', 'broker-1', true, true],
      ['broker-1', 'taskmanager-1', true, true],
    ]);
    assert.equal(cuts['cut-2']?.length, 4);
  });

  it('resets the connections of these nodes only, so that either end is told, and new ones can be made', () =>
    assert.deepEqual(at('reset'), {
      connections: [[true], 0, 1],
      ends: ['ECONNABORTED', 'ECONNRESET'],
      after: 0,
      reaches: true,
    }));

  it('leaves a cut that is there as it is, with its counters', () => assert.equal(at('cut again'), true));

  it('takes exactly one cut away, however often it is told to', () => {
    const [reached, cuts] = at<[Record<string, boolean>, string[]]>('restored');
    assert.deepEqual(reached, {
      ...OTHERS,
      'taskmanager-1 > broker-1': true,
      'broker-1 > taskmanager-1': true,
      'taskmanager-2 > broker-1': false,
    });
    assert.deepEqual(cuts, ['cut-2']);
  });

  it('drops one way only when told so: a packet that gets there, but no answer', () =>
    assert.deepEqual(at('one way'), [
      [
        [false, [['taskmanager-1', 'jobmanager-1', true]]],
        [false, [['jobmanager-1', 'taskmanager-1', true]]],
      ],
      true,
    ]));

  it('drops a part of the packets only when told so: by chance, or what exceeds a rate', () => {
    const [lost = 0, beyond = 0] = at<number[]>('a part');
    // Of 400 datagrams 120, give or take six standard deviations.
    assert.ok(lost >= 65 && lost <= 175, `${lost} of 400 were lost`);
    // 400 kB in a second or two, of which 20 kB a second get through, and a few more to begin with.
    assert.ok(beyond >= 250 && beyond < 400, `${beyond} of 400 were too many`);
  });

  it('lets packets be late, each cut by its own time, and takes exactly one of them away', () => {
    type Seen = [trips: [number, number], cuts: Record<string, Dropped[]>];
    const { before, held, one, after, halfMade, left } = at<
      Record<'before' | 'after' | 'halfMade', number[]> & Record<'held' | 'one', Seen> & { left: string[] }
    >('late');
    assert.ok(Math.max(...before, ...after) < 400, `${before} ${after}`);
    // Taken away while it was being made: all of it is.
    assert.ok(Math.max(...halfMade) < 400, `${halfMade}`);
    // 200 to 400 ms there, and as much back; 900 ms back.
    assert.ok(held[0][0] >= 400 && held[0][1] >= 900, `${held[0]}`);
    assert.ok(one[0][0] < 400 && one[0][1] >= 900, `${one[0]}`);
    const counted = ([, cuts]: Seen) =>
      Object.entries(cuts).map(([id, links]) => [
        id,
        links.map(({ from, to, packets }) => `${from} > ${to}${packets > 0 ? '' : ': none'}`),
      ]);
    const back = ['cut-back', ['jobmanager-1 > taskmanager-2']];
    const both = [
      'taskmanager-1 > jobmanager-1',
      'jobmanager-1 > taskmanager-1',
      'taskmanager-1 > broker-1: none',
      'broker-1 > taskmanager-1: none',
    ];
    assert.deepEqual([counted(held), counted(one), left], [[['cut-both', both], back], [back], []]);
  });

  it('fills a disk to its last page, again when something is freed, and takes away its own filling only', () => {
    type Filling = { bytes: number; free: number };
    const { first, freed, second, other, stays, gone } = at<Record<string, Filling>>('filled');
    assert.ok(first && freed && second && other && stays);
    assert.equal(first.free, 0);
    assert.ok(first.bytes > 600_000 && first.bytes < 800_000, `${first.bytes}`);
    assert.ok(freed.free >= 290_000 && freed.bytes === first.bytes);
    assert.deepEqual([second.free, second.bytes > 1_000_000], [0, true]);
    assert.deepEqual([other.bytes, stays, gone], [0, second, null]);
    assert.deepEqual(at('not filled'), ['CAPABILITY_MISSING', 'INTERNAL', []]);
  });

  it('takes files away, or empties them, and puts them back where their folder still is', () =>
    assert.deepEqual(at('aside'), {
      found: [{ path: 'ha/flinch/completedCheckpoint1', bytes: 5 }],
      sizes: [null, 'back', 5, 0, 'back', 5, 'dropped', null],
      outside: 'INTERNAL',
      left: [],
    }));

  it('makes a disk read-only whatever is open on it, and writable again', () =>
    assert.deepEqual(at('read-only'), { refused: 'EROFS', written: 4, writable: null, files: ['open'] }));

  it('takes no name that could be an order to nft, and no node that is none', () =>
    assert.deepEqual(at('refused'), ['INTERNAL', 'INTERNAL']));

  it('touches no table but its own', () =>
    assert.deepEqual(at('foreign'), [true, ['table bridge flinch', 'table bridge other']]));

  it('leaves no cut to the next cluster in the same namespaces', () => {
    assert.deepEqual(at('removed'), [true, ['table bridge other']]);
    assert.deepEqual(Object.values(at<Record<string, boolean>>('next')), [true, true, true, true]);
  });
});
