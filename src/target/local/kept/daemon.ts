import { Socket } from 'node:net';
import { systemClock } from '../../../core/clock.js';
import { toFlinchError } from '../../../core/error.js';
import type { ClusterSpec } from '../../../core/scenario.js';
import type { ClusterEndpoints, ClusterNode } from '../../ports.js';
import { takeHandedOver } from '../enter.js';
import { LIFELINE_FD, LISTENER_FD } from '../lifeline.js';
import type { Prepared } from '../prepared.js';
import { isAlive, signalProcess } from '../process-identity.js';
import { startCluster } from '../start-cluster.js';
import { serveControl } from './control-server.js';
import { type DeadManOrder, deadMan } from './dead-man.js';
import { healFromHere } from './heal-from-here.js';
import { serveWebUi } from './web-ui.js';

/** What `flinch up` hands to the daemon. */
export interface DaemonOrder {
  spec: ClusterSpec;
  prepared: Prepared;
  runDir: string;
  socket: string;
  /** What the dead-man timer watches. */
  deadMan: DeadManOrder;
  /** The file with the cluster's state, and the command that heals it when that is handed over. */
  state: string;
  healer: string[];
}

/** What the daemon tells `flinch up`, one line each. */
export type DaemonMessage =
  | { kind: 'node'; node: string }
  | { kind: 'up'; nodes: readonly ClusterNode[]; endpoints: ClusterEndpoints }
  | { kind: 'failed'; code: string; message: string };

/** A cluster that ended sooner has hardly loaded a class that jobs need. Milliseconds. */
const WORTH_RECORDING = 60_000;

/** What `flinch up` says when the cluster is to outlive it. */
export const KEEP = 'keep';

/** The daemon: owns the cluster until it is told to stop. Until it is told to keep it, it dies with the one who started it. */
export async function runDaemon(): Promise<void> {
  const order = takeHandedOver<DaemonOrder>();
  if (!order) throw new Error('nothing was handed over');
  let kept = false;
  const parent = new Socket({ fd: LIFELINE_FD, readable: true, writable: true });
  parent.setEncoding('utf8');
  parent.on('data', (text: string) => {
    if (!text.includes(KEEP)) return;
    kept = true;
  });
  parent.on('error', () => {});
  parent.on('close', () => {
    if (!kept) process.exit(1);
  });
  const tell = (message: DaemonMessage) => void parent.write(`${JSON.stringify(message)}\n`);
  for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => {});
  try {
    const cluster = await startCluster(order.spec, order.prepared, {
      runDir: order.runDir,
      clock: systemClock,
      signal: new AbortController().signal,
      onReady: (node) => tell({ kind: 'node', node }),
    });
    const up = systemClock.mono();
    const stop = () =>
      void cluster.stop({ record: systemClock.mono() - up > WORTH_RECORDING }).then(
        () => process.exit(0),
        () => process.exit(1),
      );
    process.on('SIGTERM', stop);
    const { armed } = deadMan(order.deadMan, {
      clock: systemClock,
      signal: new AbortController().signal,
      end: (runner) => void signalProcess(runner, 'SIGKILL'),
      alive: isAlive,
      heal: (why) => healFromHere(order, why),
    });
    await serveControl(cluster, order.socket, { onStop: stop, armed });
    serveWebUi(LISTENER_FD, cluster.nodes);
    tell({ kind: 'up', nodes: cluster.nodes, endpoints: cluster.endpoints });
  } catch (error) {
    const { code, message } = toFlinchError(error, 'CLUSTER_START');
    parent.end(`${JSON.stringify({ kind: 'failed', code, message } satisfies DaemonMessage)}\n`, () => process.exit(1));
  }
}
