#!/usr/bin/env node
import { insideNamespace, watchLifeline } from '../target/local/lifeline.js';

// Inside the namespaces this process lives and dies with the one outside: before anything else.
watchLifeline();
// Everything else is imported when it is needed: `flinch --help` must not wait for Kafka.
if (insideNamespace()) await (await import('./inside.js')).runInside();
else await (await import('./program.js')).runProgram(process.argv);
