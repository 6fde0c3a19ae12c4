import type { AttachedWorkload, Scenario } from '../../src/core/scenario.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { edited, journalOf, type Story, scenarioOf, without } from './journal-builder.js';

/** The journal of a story as it is where the job was there before, and Flinch writes and reads nothing of its own. */
export function attachedJournal(
  story: Story,
  workload: AttachedWorkload,
  objectives: Scenario['objectives'] = scenarioOf(story).objectives,
): JournalEvent[] {
  const { job: name, source, sink } = workload.attach;
  return edited(without(journalOf(story), 'data.produced', 'data.read', 'observed.load'), (e) => {
    if (e.type === 'run.started') return { ...e, scenario: { ...scenarioOf(story), workload, objectives } };
    if (e.type !== 'job.submitted') return e;
    const { seq, mono, wall, jobId } = e;
    const job = { jobId, name, source: source.topic, sink: sink.topic, checkpoints: 2000, mode: 'exactly_once' };
    return { seq, mono, wall, type: 'job.attached', ...job };
  });
}
