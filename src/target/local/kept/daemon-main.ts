/** Entry of the daemon's process; see `runDaemon`. */
import { runDaemon } from './daemon.js';

await runDaemon();
