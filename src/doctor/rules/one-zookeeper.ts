import { highAvailability } from '../ha.js';
import type { Rule } from '../rule.js';

export const oneZookeeper: Rule = {
  code: 'one-zookeeper',
  severity: 'warning',
  title: 'One ZooKeeper server',
  why: 'While it is away nobody can become leader, and no checkpoint completes, because its pointer cannot be written. An outage longer than the session ends all jobs, and before Flink 2.3 may leave two JobManagers leading (CURATOR-696).',
  fix: 'name three servers in high-availability.zookeeper.quorum',
  examples: {
    bad: { text: 'high-availability.type: zookeeper\nhigh-availability.zookeeper.quorum: zk-1:2181\n' },
    good: {
      text: 'high-availability.type: zookeeper\nhigh-availability.zookeeper.quorum: zk-1:2181,zk-2:2181,zk-3:2181\n',
    },
  },
  check({ settings }) {
    if (highAvailability(settings) !== 'zookeeper') return [];
    const quorum = settings.asked('high-availability.zookeeper.quorum');
    const servers = (quorum?.value ?? '').split(',').filter((it) => it.trim() !== '');
    if (servers.length === 0) return [];
    if (servers.length === 1) return [{ what: `the quorum is ${servers[0]} alone`, key: quorum?.key ?? '' }];
    if (servers.length % 2 === 1) return [];
    const what = `${servers.length} servers bear no more losses than ${servers.length - 1}`;
    return [{ what, key: quorum?.key ?? '', severity: 'note', fix: 'name an odd number of servers' }];
  },
};
