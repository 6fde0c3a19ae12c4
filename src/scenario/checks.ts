import { writeDuration } from '../core/units.js';
import type { Complaint } from './explain.js';
import { PHASE_OBJECTIVES } from './objective-schema.js';
import type { Salvage } from './salvage.js';

type Check = (parts: Salvage) => Complaint[];

const complain = (path: PropertyKey[], sentence: string, atKey = false): Complaint => ({ path, sentence, atKey });

/** Faults after which somebody has to take over, unless they end of themselves. */
const ENDING: readonly string[] = ['kill', 'stop'];

/** Identity of records; the output of `count` carries totals instead. */
const BY_IDENTITY = ['reordered', 'lost', 'duplicated', 'unexpected', 'recovered'];
const NO_COMMIT = 'needs a sink that commits with the checkpoint; set workload.guarantee to exactly-once';
/** Faults of the records that Flinch writes. */
const OF_THE_LOAD: readonly string[] = ['surge', 'skew', 'poison', 'deleteRecords'];
const SCHEDULER = 'jobmanager.scheduler';
const AFTER_AN_OUTAGE = ['recovery', 'firstCheckpoint', 'caughtUp', ...PHASE_OBJECTIVES];

const parallelismFits: Check = ({ cluster: { taskManagers, slots }, workload: { parallelism } }) => {
  if (!taskManagers || !slots || !parallelism || parallelism <= taskManagers * slots) return [];
  const room = taskManagers * slots;
  return [
    complain(
      ['workload', 'parallelism'],
      `${parallelism} does not fit into ${taskManagers} TaskManagers with ${slots} slots each; write at most ${room}, or add slots`,
    ),
  ];
};

const everyPartitionHasALane: Check = ({ workload: { lanes, partitions } }) =>
  lanes && partitions && lanes < partitions
    ? [
        complain(
          ['workload', 'lanes'],
          `${lanes} lanes leave some of the ${partitions} partitions empty; write at least ${partitions}, or fewer partitions`,
        ),
      ]
    : [];

const transactionOutlivesCheckpoint: Check = ({ workload: { guarantee, transactionTimeout, checkpoints } }) =>
  guarantee === 'exactly-once' && transactionTimeout && checkpoints && transactionTimeout <= checkpoints
    ? [
        complain(
          ['workload', 'transactionTimeout'],
          `${writeDuration(transactionTimeout)} ends each transaction before the checkpoint that commits it; write more than ${writeDuration(checkpoints)}`,
        ),
      ]
    : [];

const steadyInTime: Check = ({ steadyState: { hold, within } }) =>
  hold && within && within <= hold
    ? [
        complain(
          ['steadyState', 'within'],
          `${writeDuration(within)} is too short to hold for ${writeDuration(hold)}; write more than ${writeDuration(hold)}`,
        ),
      ]
    : [];

const standbyIsThere: Check = ({ cluster: { jobManagers }, faults }) => {
  if (jobManagers === undefined) return [];
  // By entry of the file: those that are ended together stay away together.
  const away = new Map<unknown, number>();
  return faults.flatMap(({ path, fault: { kind, options } }) => {
    const { node, duration } = options;
    const [, entry] = path;
    const place = [...path, kind, 'node'];
    const one = ['jobmanager.leader', 'jobmanager.standby', 'jobmanager.any'].includes(String(node));
    const stays = one && ENDING.includes(kind) && duration === undefined;
    const ended = (away.get(entry) ?? 0) + (stays ? 1 : 0);
    away.set(entry, ended);
    if (node === 'jobmanager.standby' && jobManagers < 2) {
      return [complain(place, 'there is no standby with 1 JobManager; set cluster.jobManagers to 2 or 3')];
    }
    if (!stays || ended < jobManagers) return [];
    const has = `with ${jobManagers} JobManager${jobManagers === 1 ? '' : 's'}`;
    const todo =
      jobManagers < 3 ? `set cluster.jobManagers to ${jobManagers === 1 ? '2 or 3' : 3}` : 'give one a duration';
    return [complain(place, `${has} nobody can take over before it is healed; ${todo}`)];
  });
};

/** The option by which a fault touches what jobs are restored from. */
function touchesStorage(kind: string, options: Readonly<Record<string, unknown>>): string | undefined {
  if (kind === 'damage') return 'file';
  if (kind === 'damageConfigMap') return 'configMap';
  if (kind === 'damageZnode') return options.znode === 'checkpoint' || options.znode === 'job' ? 'znode' : undefined;
  return options.disk === 'storage' ? 'disk' : undefined;
}

const storageIsAllowed: Check = ({ faults, allow }) =>
  faults.flatMap(({ path, fault: { kind, options } }) => {
    const option = touchesStorage(kind, options);
    if (option === undefined || allow.includes('storage')) return [];
    const todo = 'jobs are restored from there; write allow: [storage] beside faults if that is meant';
    return [complain([...path, kind, option], todo)];
  });

/** What is left of one tells whether a job has ended while the other was damaged. */
const mapsOneByOne: Check = ({ faults }) => {
  const damaged = new Set<unknown>();
  return faults.flatMap(({ path, fault: { kind } }) => {
    const [, entry] = path;
    if (kind !== 'damageConfigMap') return [];
    if (damaged.has(entry)) return [complain([...path, kind], 'damage one ConfigMap after the other', true)];
    damaged.add(entry);
    return [];
  });
};

const shortEnough: Check = ({ faults, guards: { longest } }) =>
  faults.flatMap(({ path, fault: { kind, options } }) => {
    const { duration } = options;
    if (typeof duration !== 'number' || duration <= longest) return [];
    const sentence = `${writeDuration(duration)} is longer than guards.longest allows; write ${writeDuration(longest)} at most, or raise that`;
    return [complain([...path, kind, 'duration'], sentence)];
  });

const schedulerRescales: Check = ({ attached, cluster: { flinkConfig }, faults }) =>
  faults.flatMap(({ path, fault: { kind } }) => {
    if (kind !== 'rescale' || attached || !flinkConfig || flinkConfig[SCHEDULER] === 'adaptive') return [];
    const sentence = `needs the adaptive scheduler; write ${SCHEDULER}: adaptive in cluster.flinkConfig`;
    return [complain([...path, kind], sentence, true)];
  });

const commitCanBeCut: Check = ({ cluster: { taskManagers }, workload: { guarantee }, faults }) =>
  faults.flatMap(({ path, fault: { kind } }) => {
    if (kind !== 'cutCommit') return [];
    const place = [...path, kind];
    if (taskManagers === 1) {
      return [
        complain(place, 'needs a second TaskManager, which holds the checkpoint open; set cluster.taskManagers', true),
      ];
    }
    return guarantee === undefined || guarantee === 'exactly-once' ? [] : [complain(place, NO_COMMIT, true)];
  });

const operationsFit: Check = ({ attached, cluster: { taskManagers, slots }, faults }) =>
  faults.flatMap(({ path, fault: { kind, options } }) => {
    if (OF_THE_LOAD.includes(kind) && attached) {
      return [
        complain([...path, kind], "needs a load of Flinch's own; it does not write somebody else's records", true),
      ];
    }
    if (!('expect' in options)) return [];
    // It is the operator who does, and the user who asks for it.
    if (attached && kind !== 'upgradeDeployment') {
      return [complain([...path, kind], "needs a job of Flinch's own; it does not stop or save somebody else's", true)];
    }
    const { parallelism, to } = options;
    const wanted = parallelism ?? to;
    if (!taskManagers || !slots || typeof wanted !== 'number' || wanted <= taskManagers * slots) return [];
    const sentence = `${wanted} does not fit into ${taskManagers} TaskManagers with ${slots} slots each; write at most ${taskManagers * slots}`;
    return [complain([...path, kind, parallelism === undefined ? 'to' : 'parallelism'], sentence)];
  });

const namesAreUsed: Check = ({ cluster: { names }, faults }) =>
  faults.flatMap(({ path, fault: { kind } }) =>
    kind === 'nameFailure' && !names
      ? [complain([...path, kind], 'needs nodes that find each other by name; write names: true in cluster', true)]
      : [],
  );

const momentsCome: Check = ({ workload: { guarantee }, totals, faults }) =>
  faults.flatMap(({ path, fault: { when } }) => {
    const place = [...path, 'when'];
    if (when?.on === 'lag' && totals) return [complain(place, 'needs the lag, which totals do not show; leave it out')];
    const commits = guarantee === undefined || guarantee === 'exactly-once';
    return when?.on === 'between pre-commit and commit' && !commits ? [complain(place, NO_COMMIT)] : [];
  });

const jobShowsIt: Check = ({ workload: { job }, objectives }) =>
  objectives.flatMap(({ name }) => {
    if (job === 'pass-through' && name === 'wrongState') {
      return [
        complain(
          ['objectives', name],
          'needs a job with state; set workload.job to count, or bound lost and duplicated',
          true,
        ),
      ];
    }
    if (job === 'count' && BY_IDENTITY.includes(name)) {
      return [
        complain(
          ['objectives', name],
          'needs each record in the output, and count writes totals; bound wrongState instead',
          true,
        ),
      ];
    }
    return [];
  });

/** What a job that is not Flinch's own does not show; undefined when it does. */
function notShown(name: string, totals: boolean): string | undefined {
  if (totals && BY_IDENTITY.includes(name)) {
    return 'needs each record in the output, and an aggregate is totals; bound wrongState instead';
  }
  if (totals && (name === 'caughtUp' || name === 'phase.caughtUp')) {
    return 'needs the lag, which totals do not show; leave it out with relation: aggregate';
  }
  if (!totals && name === 'wrongState') {
    return "needs a job of Flinch's own, or relation: aggregate with an invariant; leave it out otherwise";
  }
  return name === 'recovered'
    ? "needs a job of Flinch's own, whose every record it has sent itself; leave it out with attach"
    : undefined;
}

const othersShowLess: Check = ({ attached, totals, objectives }) =>
  objectives.flatMap(({ name }) => {
    const sentence = attached ? notShown(name, totals) : undefined;
    return sentence === undefined ? [] : [complain(['objectives', name], sentence, true)];
  });

const lagIsShown: Check = ({ totals, stop }) =>
  stop.flatMap(({ kind }, i) =>
    totals && kind === 'lagAbove'
      ? [complain(['stop', i, kind], 'needs the lag, which totals do not show; write noOutputFor', true)]
      : [],
  );

const impactAgrees: Check = ({ objectives }) => {
  if (!objectives.some(({ impact }) => impact === 'none')) return [];
  return objectives
    .filter(({ name }) => AFTER_AN_OUTAGE.includes(name))
    .map(({ name }) =>
      complain(
        ['objectives', name],
        'contradicts impact: none, without an outage there is no recovery to time; remove one of the two',
        true,
      ),
    );
};

const CHECKS: readonly Check[] = [
  parallelismFits,
  everyPartitionHasALane,
  transactionOutlivesCheckpoint,
  steadyInTime,
  standbyIsThere,
  storageIsAllowed,
  mapsOneByOne,
  shortEnough,
  schedulerRescales,
  namesAreUsed,
  commitCanBeCut,
  operationsFit,
  momentsCome,
  jobShowsIt,
  othersShowLess,
  lagIsShown,
  impactAgrees,
];

/** What is wrong between keys, each of which is right by itself. */
export const crossChecks = (parts: Salvage): Complaint[] => CHECKS.flatMap((check) => check(parts));
