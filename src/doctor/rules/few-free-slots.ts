import type { Rule } from '../rule.js';

export const fewFreeSlots: Rule = {
  code: 'few-free-slots',
  severity: 'warning',
  title: 'There is no room for the tasks of a lost TaskManager',
  why: 'When a TaskManager is lost its tasks need other slots at once. With fewer free ones the job waits until the TaskManager, or another one, is started: that is the outage then, and no timeout of Flink makes it shorter.',
  fix: 'run one TaskManager more than the job needs (slotmanager.redundant-taskmanager-num: 1 where Flink starts them)',
  examples: {
    bad: { text: 'high-availability.type: zookeeper\n', facts: { taskManagers: 2, slots: 8, freeSlots: 1 } },
    good: { text: 'high-availability.type: zookeeper\n', facts: { taskManagers: 3, slots: 12, freeSlots: 4 } },
  },
  check({ settings, facts: { taskManagers, slots, freeSlots } }) {
    if (taskManagers === undefined || slots === undefined || freeSlots === undefined || taskManagers === 0) return [];
    const each = Math.ceil(slots / taskManagers);
    if (freeSlots >= each || freeSlots === slots) return [];
    if ((settings.number('slotmanager.redundant-taskmanager-num') ?? 0) > 0) return [];
    return [{ what: `${freeSlots} of ${slots} slots are free, and one TaskManager has ${each}` }];
  },
};
