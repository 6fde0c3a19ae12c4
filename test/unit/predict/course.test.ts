import assert from 'node:assert/strict';
import { FAULT_SCHEMAS } from '../../../src/fault/schemas.js';
import type { Case } from '../../../src/predict/case.js';
import { COURSES, courseOf } from '../../../src/predict/course.js';
import { type Change, caseOf, session } from '../../support/cases.js';

const S = 1000;
const named = (it: Case): string => courseOf(it).name;

describe('what becomes of the job', () => {
  it('is told of every fault of the catalogue, and of no other', () => {
    assert.deepEqual(Object.keys(COURSES).sort(), Object.keys(FAULT_SCHEMAS).sort());
    assert.equal(named(caseOf('earthquake', {})), 'either');
  });

  const tolerant = { 'high-availability.zookeeper.client.tolerate-suspended-connections': 'true' };
  const byLease = { 'high-availability.type': 'kubernetes' };
  const cut = (between: string, and: string, duration: number) => ({ between: [between], and: [and], duration });
  const cases: [what: string, kind: string, options: Record<string, unknown>, change: Change, course: string][] = [
    ['a leader ends', 'kill', { node: 'jobmanager.leader' }, {}, 'takeover'],
    ['a standby ends', 'stop', { node: 'jobmanager.standby' }, {}, 'none'],
    ['some JobManager ends', 'kill', { node: 'jobmanager.any' }, {}, 'either'],
    ['the only JobManager ends', 'kill', { node: 'jobmanager.any' }, { cluster: { jobManagers: 1 } }, 'takeover'],
    [
      'one that turned out to lead',
      'restart',
      { node: 'jobmanager.each' },
      { victim: 'jobmanager.leader' },
      'takeover',
    ],
    ['a TaskManager ends', 'kill', { node: 'taskmanager' }, {}, 'restart'],
    ['some TaskManager ends', 'kill', { node: 'taskmanager.any' }, {}, 'either'],
    ['each TaskManager in turn', 'restart', { node: 'taskmanager.each' }, {}, 'either'],
    ['ZooKeeper ends', 'kill', { node: 'zookeeper.all', duration: 2 * S }, {}, 'takeover'],
    ['the only server of it', 'kill', { node: 'zookeeper.any', duration: 2 * S }, {}, 'takeover'],
    ['one of three', 'kill', { node: 'zookeeper.any', duration: 2 * S }, { cluster: { zookeepers: 3 } }, 'either'],
    ['it ends and that is tolerated', 'kill', { node: 'zookeeper.all', duration: 2 * S }, { set: tolerant }, 'none'],
    ['for too long', 'kill', { node: 'zookeeper.all', duration: 30 * S }, { set: tolerant }, 'either'],
    ['a broker ends', 'kill', { node: 'broker', duration: 5 * S }, {}, 'silence'],
    ['a broker ends for long', 'kill', { node: 'broker.all', duration: 90 * S }, {}, 'either'],
    ['the gateway ends', 'kill', { node: 'gateway', duration: 5 * S }, {}, 'none'],
    ['a leader stands still for moments', 'pause', { node: 'jobmanager.leader', duration: 10 * S }, {}, 'none'],
    ['for about a session', 'pause', { node: 'jobmanager.leader', duration: 41 * S }, {}, 'either'],
    ['for longer', 'pause', { node: 'jobmanager.leader', duration: 43 * S }, {}, 'takeover'],
    ['a TaskManager stands still for moments', 'pause', { node: 'taskmanager', duration: 3 * S }, {}, 'none'],
    [
      'for longer than its ZooKeeper bears',
      'pause',
      { node: 'taskmanager', duration: 3 * S },
      { set: session(6 * S) },
      'either',
    ],
    ['for longer than its heartbeat', 'pause', { node: 'taskmanager', duration: 51 * S }, {}, 'restart'],
    ['it is cut off for longer', 'partition', cut('taskmanager', 'jobmanager.all', 51 * S), {}, 'restart'],
    ['from either side', 'partition', cut('jobmanager.leader', 'taskmanager.all', 51 * S), {}, 'restart'],
    ['from everybody', 'partition', cut('taskmanager', 'others', 51 * S), {}, 'restart'],
    ['for moments', 'partition', cut('taskmanager', 'jobmanager.all', 30 * S), {}, 'none'],
    ['a leader is cut off', 'partition', cut('jobmanager.leader', 'zookeeper.all', 60 * S), {}, 'takeover'],
    ['for moments', 'partition', cut('jobmanager.leader', 'zookeeper.all', 5 * S), {}, 'none'],
    ['a standby is', 'partition', cut('jobmanager.standby', 'zookeeper.all', 60 * S), {}, 'either'],
    ['TaskManagers from each other', 'partition', cut('taskmanager', 'taskmanager.others', 60 * S), {}, 'either'],
    ['JobManagers from each other', 'partition', cut('jobmanager.leader', 'jobmanager.standby', 60 * S), {}, 'none'],
    [
      'by policies, of which it may not hear',
      'partition',
      { ...cut('taskmanager', 'jobmanager.all', 51 * S), via: 'network-policy' },
      {},
      'either',
    ],
    [
      'by policies, for moments',
      'partition',
      { ...cut('taskmanager', 'jobmanager.all', 30 * S), via: 'network-policy' },
      {},
      'none',
    ],
    ['leaders may not renew their lease', 'revokeAccess', { duration: 45 * S }, { set: byLease }, 'takeover'],
    ['for about a lease', 'revokeAccess', { duration: 18 * S }, { set: byLease }, 'either'],
    ['for moments', 'revokeAccess', { duration: 3 * S }, { set: byLease }, 'either'],
    ['no room for checkpoints', 'fill', { disk: 'storage', duration: 10 * S }, {}, 'restart'],
    [
      'and that is tolerated',
      'fill',
      { disk: 'storage', duration: 10 * S },
      { set: { 'execution.checkpointing.tolerable-failed-checkpoints': '3' } },
      'either',
    ],
    ['no room elsewhere', 'fill', { disk: 'taskmanager', duration: 10 * S }, {}, 'either'],
    ['more records', 'surge', { times: 5, duration: 10 * S }, {}, 'none'],
    ['a record of poison', 'poison', { duration: 10 * S }, {}, 'restart'],
  ];
  for (const [what, kind, options, change, expected] of cases) {
    it(`${kind}: ${what}: ${expected}`, () => assert.equal(named(caseOf(kind, options, change)), expected));
  }
});
