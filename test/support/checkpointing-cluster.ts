import assert from 'node:assert/strict';
import { type CutCommitUndo, cutCommit } from '../../src/fault/network/cut-commit.js';
import type { CheckpointRecord } from '../../src/target/ports.js';
import { type HandMadeCluster, handMadeCluster } from './hand-made-cluster.js';

/** A job with a checkpoint every second; taskmanager-2 runs most of it. */
export function checkpointing({
  acknowledgedBy = ['taskmanager-2'],
  ends = 'COMPLETED' as CheckpointRecord['status'],
} = {}) {
  const world = handMadeCluster();
  const { clock } = world;
  const record = (id: number, status: CheckpointRecord['status'], acknowledged: number) => {
    const others = world.checkpoints.filter((checkpoint) => checkpoint.id !== id);
    world.checkpoints = [{ id, status, triggeredAt: clock.wall(), subtasks: 5, acknowledged }, ...others];
  };
  let id = 7;
  record(id, 'COMPLETED', 5);
  world.onSignal = (signal, node) => {
    if (node !== 'taskmanager-1') return;
    if (signal === 'SIGSTOP') {
      clock.plan(clock.passed() + 300, () => {
        id++;
        world.acknowledged[id] = acknowledgedBy;
        record(id, 'IN_PROGRESS', acknowledgedBy.length === 0 ? 0 : 3);
      });
    }
    if (signal === 'SIGCONT') {
      clock.plan(clock.passed() + 100, () => {
        if (world.checkpoints[0]?.status === 'IN_PROGRESS') record(id, ends, 5);
      });
    }
  };
  world.onCut = ({ id: cut }) => {
    clock.plan(clock.passed() + 150, () => {
      const there = world.cuts.get(cut);
      if (there) there.packets = 3;
    });
  };
  return world;
}

export async function resolved(world: HandMadeCluster = checkpointing()) {
  const { undo } = await cutCommit.resolve({ duration: 20_000 }, world.context());
  // Whoever heals may know nothing but what the ledger holds.
  return { world, undo: JSON.parse(JSON.stringify(undo)) as CutCommitUndo };
}

export async function injected(world?: HandMadeCluster) {
  const made = await resolved(world);
  return { ...made, proof: await cutCommit.inject(made.undo, made.world.context()) };
}

/** Nothing is stopped and nothing is cut. */
export const assertUntouched = (world: HandMadeCluster) =>
  assert.deepEqual([[...world.stopped], [...world.cuts]], [[], []]);
