import type { KafkaSecurity } from '../client/kafka/protocol/security.js';
import { parseDuration } from '../core/units.js';
import { measured, oneOf, wrongOption } from './option-values.js';

/** Who counts, and what Flink needs to know for it. */
export interface EngineOptionValues {
  engine: string;
  gateway?: string;
  jobDeadline: string;
  parallelism?: string;
  flinkProperty?: string[];
}

export interface FlinkEngine {
  gateway: string;
  deadlineMs: number;
  parallelism?: number;
  /** Of Kafka's consumer in Flink, over those that follow from the other options. */
  properties: Readonly<Record<string, string>>;
}

/** What decides which records are read, and so is not the user's to set. */
const OURS = ['isolation.level', 'group.id', 'auto.offset.reset', 'enable.auto.commit'];

/** @returns undefined for the reader. @throws FlinchError USAGE */
export function engineOf(options: EngineOptionValues, security: KafkaSecurity | undefined): FlinkEngine | undefined {
  const engine = oneOf('--engine', options.engine, ['reader', 'flink-sql'] as const);
  const { gateway, parallelism, flinkProperty = [] } = options;
  if (engine === 'reader') {
    const given = Object.entries({ gateway, parallelism, 'flink-property': options.flinkProperty });
    const [stray] = given.filter(([, value]) => value !== undefined);
    if (stray) throw wrongOption(`--${stray[0]} without --engine flink-sql`, 'name the engine too, or leave it out');
    return undefined;
  }
  if (gateway === undefined || !/^https?:\/\/[^\s/]+/.test(gateway)) {
    throw wrongOption(`--engine flink-sql with --gateway ${gateway}`, 'name a SQL gateway, e.g. http://gateway:8083');
  }
  const tasks = parallelism === undefined ? undefined : Number(parallelism);
  if (tasks !== undefined && !(Number.isSafeInteger(tasks) && tasks > 0)) {
    throw wrongOption(`--parallelism ${parallelism}`, 'give a whole number above 0');
  }
  const properties = propertiesOf(flinkProperty);
  if (security && properties['security.protocol'] === undefined) {
    throw wrongOption(
      '--engine flink-sql with TLS or SASL',
      "tell Flink's consumer by itself how to speak to the brokers: --flink-property security.protocol=SASL_SSL and what goes with it",
    );
  }
  return {
    gateway,
    deadlineMs: measured('--job-deadline', options.jobDeadline, parseDuration),
    ...(tasks === undefined ? {} : { parallelism: tasks }),
    properties,
  };
}

function propertiesOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    // Only the name: what follows it may be a password.
    if (at < 1) throw wrongOption('--flink-property without a name and =', 'write e.g. client.rack=a');
    if (OURS.includes(name)) throw wrongOption(`--flink-property ${name}`, 'leave it out: it decides what is read');
    return [name, text.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}
