import { z } from 'zod';
import { scenarioSchema } from './schema.js';

/** The JSON schema (draft 7) of a scenario as it is written, for editors and other validators. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(scenarioSchema, {
    target: 'draft-7',
    io: 'input',
    // zod drops the examples of what it transforms; ours are examples of what is written.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (examples && !jsonSchema.$ref) jsonSchema.examples = examples as unknown[];
    },
  });
}
