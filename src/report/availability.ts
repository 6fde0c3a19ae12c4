import type { Availability } from '../judge/availability.js';
import { durationText } from '../judge/extent.js';
import type { Extent } from '../judge/findings.js';

/** "81.3 % to 82.0 %": down to the tenth, so that no outage rounds up to a hundred. */
function percentText({ atLeast, atMost }: Extent): string {
  const [low, high] = [atLeast, atMost ?? 100].map((percent) => `${(Math.floor(percent * 10) / 10).toFixed(1)} %`);
  return low === high ? `${low}` : `${low} to ${high}`;
}

/** What there was over the run, each as name, share and what was missing. */
export function availabilityRows({ over, job, down, output, silent }: Availability): [string, string, string][] {
  const of = durationText({ atLeast: over, atMost: over });
  return [
    ['every task ran', percentText(job), `not for ${durationText(down)} of ${of}`],
    ...(output && silent
      ? [['output came', percentText(output), `not for ${durationText(silent)} of ${of}`] as [string, string, string]]
      : []),
  ];
}
