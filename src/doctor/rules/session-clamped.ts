import { writeDuration } from '../../core/units.js';
import { grantedBy, highAvailability, MOST_TICKS, USUAL_TICK } from '../ha.js';
import type { Rule } from '../rule.js';

const SESSION = 'high-availability.zookeeper.client.session-timeout';

export const sessionClamped: Rule = {
  code: 'session-clamped',
  severity: 'note',
  title: 'ZooKeeper does not grant the session that is asked for',
  why: 'A server grants 2 to 20 of its ticks and says so to nobody but the client. With the usual tick of 2 s that is 4 s to 40 s: the 60 s that Flink asks for by default are 40 s, and 2 s are 4 s. What a takeover takes follows what is granted.',
  fix: 'ask for what the servers grant, or set tickTime or maxSessionTimeout of the servers',
  examples: {
    bad: { text: `high-availability.type: zookeeper\n${SESSION}: 60 s\n`, facts: { tickTime: 2000 } },
    good: { text: `high-availability.type: zookeeper\n${SESSION}: 30 s\n`, facts: { tickTime: 2000 } },
  },
  check({ settings, facts: { grantedSession, tickTime } }) {
    if (highAvailability(settings) !== 'zookeeper') return [];
    const asked = settings.duration(SESSION);
    if (asked === undefined) return [];
    const tick = tickTime ?? USUAL_TICK;
    const granted = grantedSession ?? grantedBy(settings, tick);
    if (granted === asked) return [];
    // The tick of a server that nobody asked is a guess: said where somebody has chosen the session.
    if (grantedSession === undefined && tickTime === undefined && !settings.asked(SESSION)) return [];
    const by =
      grantedSession === undefined ? `a server with a tick of ${writeDuration(tick)} grants` : 'the server has granted';
    const limit = granted < asked ? `, ${MOST_TICKS} ticks at most` : '';
    return [
      { what: `${writeDuration(asked)} are asked for, and ${by} ${writeDuration(granted)}${limit}`, key: SESSION },
    ];
  },
};
