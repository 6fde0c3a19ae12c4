import { systemClock } from '../core/clock.js';
import { endKept } from '../target/local/index.js';

/** Ends the kept cluster; that there is none is said, and no mistake. */
export async function down(): Promise<number> {
  const ended = await endKept(systemClock);
  process.stdout.write(ended ? 'the cluster has ended\n' : 'there is no kept cluster\n');
  return 0;
}
