import { fieldsOf, numberOf } from './shape.js';

/** How many subtasks each vertex is to have, by its id. The adaptive scheduler alone has such bounds. */
export type ResourceRequirements = Record<string, { least: number; most: number }>;

/** Flink's JobResourceRequirementsBody. */
export function resourceRequirements(body: unknown): ResourceRequirements {
  const found: ResourceRequirements = {};
  for (const [vertex, of] of Object.entries(fieldsOf(body))) {
    const bounds = fieldsOf(fieldsOf(of, `"${vertex}"`).parallelism, '"parallelism"');
    found[vertex] = { least: numberOf(bounds, 'lowerBound'), most: numberOf(bounds, 'upperBound') };
  }
  return found;
}

export const requirementsBody = (wanted: ResourceRequirements): object =>
  Object.fromEntries(
    Object.entries(wanted).map(([vertex, { least, most }]) => [
      vertex,
      { parallelism: { lowerBound: least, upperBound: most } },
    ]),
  );
