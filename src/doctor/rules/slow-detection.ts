import { writeDuration } from '../../core/units.js';
import type { Rule } from '../rule.js';

const THRESHOLD = 'heartbeat.rpc-failure-threshold';

export const slowDetection: Rule = {
  code: 'slow-detection',
  severity: 'warning',
  title: 'A dead process is only noticed by its missing heartbeats',
  why: 'Where a process is dead its machine refuses connections, and two failed heartbeats are enough to know (10 s to 20 s by default). With that switched off the full heartbeat timeout passes before anything is restarted.',
  fix: `leave ${THRESHOLD} at 2`,
  examples: { bad: { text: `${THRESHOLD}: -1\n` }, good: { text: `${THRESHOLD}: 2\n` } },
  check({ settings }) {
    if ((settings.number(THRESHOLD) ?? 1) >= 0) return [];
    const timeout = settings.duration('heartbeat.timeout');
    const takes = timeout === undefined ? 'the heartbeat timeout' : writeDuration(timeout);
    return [{ what: `a dead TaskManager is noticed after ${takes}`, key: THRESHOLD }];
  },
};
