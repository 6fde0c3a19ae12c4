import { z } from 'zod';
import type { FaultSpec, Guards, Objective, StopCondition, WorkloadSpec } from '../core/scenario.js';
import { clusterSchema } from './cluster-schema.js';
import { faultsWithin } from './fault-schema.js';
import { guardsOf } from './guards-schema.js';
import { objectivesSchema, toObjective } from './objective-schema.js';
import { type Described, scenarioSchema } from './schema.js';
import { builtInSchema } from './workload-schema.js';

/** The parts of a scenario that are right by themselves, so that checks across keys need not wait for the rest. */
export interface Salvage {
  name?: string;
  cluster: Partial<Described['cluster']>;
  /** Of a job of Flinch's own. */
  workload: Partial<WorkloadSpec>;
  /** Whether the job is somebody else's. */
  attached: boolean;
  /** Whether that job writes totals by group. */
  totals: boolean;
  steadyState: Partial<Described['steadyState']>;
  faults: { path: PropertyKey[]; fault: FaultSpec }[];
  allow: readonly string[];
  guards: Guards;
  /** By index in the file; empty where one is wrong. */
  stop: readonly StopCondition[];
  objectives: Objective[];
}

const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

function fields(schema: z.ZodType, raw: unknown): Record<string, unknown> {
  const map = asMap(raw);
  const shape = (unwrapped(schema) as z.ZodObject).shape as Record<string, z.ZodType>;
  const right: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(shape)) {
    const read = field.safeParse(map[key]);
    if (read.success && read.data !== undefined) right[key] = read.data;
  }
  return right;
}

const unwrapped = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodPrefault ? (schema.unwrap() as z.ZodType) : schema;

export function salvage(raw: unknown): Salvage {
  const map = asMap(raw);
  const name = scenarioSchema.shape.scenario.safeParse(map.scenario);
  const { attach } = asMap(map.workload);
  const attached = Object.hasOwn(asMap(map.workload), 'attach');
  // In the order of the file, which is the order of the reports.
  const bounds = fields(objectivesSchema, map.objectives);
  const written = Object.keys(asMap(map.objectives)).filter((key) => Object.hasOwn(bounds, key));
  return {
    ...(name.success ? { name: name.data } : {}),
    cluster: fields(clusterSchema, map.cluster),
    workload: attached ? {} : fields(builtInSchema, map.workload),
    attached,
    totals: asMap(attach).relation === 'aggregate',
    steadyState: fields(scenarioSchema.shape.steadyState, map.steadyState),
    faults: faultsWithin(map.faults),
    allow: scenarioSchema.shape.allow.safeParse(map.allow).data ?? [],
    guards: guardsOf(scenarioSchema.shape.guards.safeParse(map.guards).data, attached),
    stop: scenarioSchema.shape.stop.safeParse(map.stop).data ?? [],
    objectives: written.map((key) => toObjective(key, bounds[key])),
  };
}
