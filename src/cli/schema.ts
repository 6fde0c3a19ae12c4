import { scenarioJsonSchema } from '../scenario/index.js';

export function schema(): void {
  process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
}
