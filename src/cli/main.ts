#!/usr/bin/env node
import { insideNamespace } from '../target/local/inside.js';

// Everything is imported when it is needed: `flinch --help` must not wait for Kafka, nor for a socket.
if (insideNamespace()) {
  // Inside the namespaces this process lives and dies with the one outside: before anything else.
  (await import('../target/local/lifeline.js')).watchLifeline();
  await (await import('./inside.js')).runInside();
} else {
  if (process.pid === 1) (await import('./first-process.js')).endBySignals();
  await (await import('./program.js')).runProgram(process.argv);
}
