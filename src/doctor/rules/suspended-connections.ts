import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

const TOLERATE = 'high-availability.zookeeper.client.tolerate-suspended-connections';

export const suspendedConnections: Rule = {
  code: 'suspended-connections',
  severity: 'note',
  title: 'A lost connection to ZooKeeper restarts every job',
  why: 'A leader that loses its connection gives its leadership up at once, although its session lives and nobody else may lead yet. A restart of one ZooKeeper server, or a network that flaps, restarts all jobs.',
  fix: `set ${TOLERATE} to true: leadership then ends with the session`,
  examples: {
    bad: { text: 'high-availability.type: zookeeper\n' },
    good: { text: `high-availability.type: zookeeper\n${TOLERATE}: true\n` },
  },
  check({ settings }) {
    if (highAvailability(settings) !== 'zookeeper' || settings.value(TOLERATE)?.trim().toLowerCase() === 'true')
      return [];
    return [{ what: `${TOLERATE} is false`, key: settings.asked(TOLERATE)?.key ?? 'high-availability.type' }];
  },
};
