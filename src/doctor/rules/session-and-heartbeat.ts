import { writeDuration } from '../../core/units.js';
import { highAvailability, takeover } from '../ha.js';
import type { Rule } from '../rule.js';

/** Further apart than this, one of the two decides alone. */
const TIMES = 3;

export const sessionAndHeartbeat: Rule = {
  code: 'session-and-heartbeat',
  severity: 'note',
  title: 'The session of the leader and the heartbeat timeout are far apart',
  why: 'A JobManager that stands still (a long collection of garbage, a machine that pauses) loses its leadership after the session or the lease, and its TaskManagers after the heartbeat timeout; either restarts every job. The longer one of the two bears pauses that the shorter one has punished already, and makes real losses take longer to notice.',
  fix: 'choose one bearable pause, and set both to about that',
  examples: {
    bad: {
      text: 'high-availability.type: zookeeper\nhigh-availability.zookeeper.client.session-timeout: 10 s\nheartbeat.timeout: 180 s\n',
    },
    good: {
      text: 'high-availability.type: zookeeper\nhigh-availability.zookeeper.client.session-timeout: 20 s\nheartbeat.timeout: 30 s\n',
    },
  },
  check({ settings, facts }) {
    const how = highAvailability(settings);
    const [session, heartbeat] = [takeover(settings, facts), settings.duration('heartbeat.timeout')];
    if (how === undefined || session === undefined || heartbeat === undefined) return [];
    if (Math.max(session, heartbeat) < TIMES * Math.min(session, heartbeat)) return [];
    const name = how === 'zookeeper' ? 'session' : 'lease';
    const what = `a leader may stand still for ${writeDuration(session)} (${name}), and for ${writeDuration(heartbeat)} (heartbeat.timeout)`;
    return [{ what, key: 'heartbeat.timeout' }];
  },
};
