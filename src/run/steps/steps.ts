import type { Step } from '../../journal/events.js';
import type { Recorder } from '../recorder.js';

/** Runs one step of a run between its two events. A step that fails has no end. */
export async function step<T>({ emit }: Recorder, name: Step, work: () => Promise<T>): Promise<T> {
  emit({ type: 'step', step: name, state: 'started' });
  const result = await work();
  emit({ type: 'step', step: name, state: 'ended' });
  return result;
}
