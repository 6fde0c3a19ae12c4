import { scenarioJsonSchema } from '../scenario/index.js';

export function schema(): number {
  process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return 0;
}
