import { eventsOf, steadyEnd } from './events-of.js';
import type { Phase } from './findings.js';
import { catchUp, steadyBand } from './lag.js';
import { outputLooks } from './output-looks.js';
import { notImpacted, notReached, reached, unclear } from './phase.js';
import type { Recovery } from './recovery.js';
import type { Window } from './timeline.js';

/** When the lag was back within the band of the steady state. */
export function caughtUpPhase({ events, effective, to, period }: Window, { outage }: Recovery): Phase {
  const looks = outputLooks(events);
  const steady = eventsOf(events, 'steady-state').find((event) => event.reached);
  const band = steadyBand(looks, steady?.since ?? Number.NEGATIVE_INFINITY, steadyEnd(events));
  if (band === undefined) return unclear('caughtUp', 'the lag of the steady state is not known');
  if (outage && !outage.recovered) {
    return notReached('caughtUp', effective, outage.lastDown, 'the lag did not come back, since tasks did not run');
  }
  const down = outage?.recovered?.after ?? effective.after;
  const result = catchUp(looks, band, effective.after, down, to, period);
  const limit = `${Math.round(band)} records`;
  switch (result.state) {
    case 'unknown':
      return unclear('caughtUp', result.why);
    case 'never-left':
      return notImpacted('caughtUp', `not impacted: the lag never left its steady band of ${limit}`);
    case 'behind':
      return notReached('caughtUp', effective, result.seen, `the lag did not come back to ${limit}`);
    case 'caught-up':
      return reached('caughtUp', effective, result.at, `the lag was back to ${limit}`);
  }
}
