/** The local target's front: everything that other rooms may use of it. */

export { enter, takeHandedOver } from './enter.js';
export { insideNamespace } from './inside.js';
export { type Decision, decide, lackingOf, type Probe } from './isolation.js';
export { decideIsolation } from './isolation-probe.js';
export { connectKept } from './kept/control-client.js';
export { misfit, misfitOfFlink } from './kept/fits.js';
export { joinKept } from './kept/join.js';
export { endKept, type KeepOptions, keepCluster } from './kept/keep.js';
export { findKept, type KeptState, keptLedger, keptLock, keptPulse, stateUnusable } from './kept/state.js';
export { LISTENER_FD, watchLifeline } from './lifeline.js';
export { tellingLines } from './log-tail.js';
export { watchMachine } from './machine.js';
export { inNode } from './network.js';
export { cacheDir, stateDir } from './paths.js';
export { type PrepareOptions, prepare } from './prepare.js';
export type { Prepared } from './prepared.js';
export { checkNode, findJava, findMaven } from './prerequisites.js';
export { identifyProcess, isAlive, signalProcess } from './process-identity.js';
export { type ReexecOptions, reexecInside } from './reexec.js';
export { type RunningCluster, START_TIME, type StartOptions, startCluster } from './start-cluster.js';
export { FLINK_RELEASES, type FlinkRelease, nearestRelease, releaseFor } from './versions.js';
