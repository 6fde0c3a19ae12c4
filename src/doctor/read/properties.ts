import { parse } from 'dot-properties';
import { FlinchError, messageOf } from '../../core/error.js';
import type { KafkaFacts } from '../subject.js';

/** Tables and sinks of Flink hand settings on that begin so. */
const PREFIX = /^properties\./;

/**
 * What settings of Kafka's clients and brokers say, as Java writes properties: a producer's, a consumer's or a broker's.
 * Keys that no rule asks for are passed over. @throws FlinchError CONFIG_UNREADABLE
 */
export function kafkaProperties(text: string, file: string): KafkaFacts {
  const written = parseProperties(text, file);
  const milliseconds = (key: string): number | undefined => {
    const value = written.get(key);
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value)) return Number(value);
    throw unusable(file, `${key} is "${value}"`, 'write whole milliseconds');
  };
  const isolation = written.get('isolation.level');
  if (isolation !== undefined && isolation !== 'read_committed' && isolation !== 'read_uncommitted') {
    throw unusable(file, `isolation.level is "${isolation}"`, 'write read_committed or read_uncommitted');
  }
  const [timeout, most] = [milliseconds('transaction.timeout.ms'), milliseconds('transaction.max.timeout.ms')];
  // What only a consumer has: one that says nothing of isolation reads what is not committed.
  const consumes = [...written.keys()].some((key) => key === 'group.id' || key === 'auto.offset.reset');
  const isolationLevel = isolation ?? (consumes ? 'read_uncommitted' : undefined);
  return {
    ...(timeout !== undefined && { transactionTimeout: timeout }),
    ...(most !== undefined && { transactionMaxTimeout: most }),
    ...(isolationLevel !== undefined && { isolationLevel }),
  };
}

/** What several files say: of what they disagree about, the worse. */
export function agreed(all: readonly KafkaFacts[]): KafkaFacts {
  const least = (key: 'transactionTimeout' | 'transactionMaxTimeout') => {
    const values = all.flatMap((facts) => facts[key] ?? []);
    return values.length > 0 ? { [key]: Math.min(...values) } : {};
  };
  const levels = all.flatMap(({ isolationLevel }) => isolationLevel ?? []);
  const worst = levels.find((level) => level === 'read_uncommitted') ?? levels[0];
  return {
    ...least('transactionTimeout'),
    ...least('transactionMaxTimeout'),
    ...(worst !== undefined && { isolationLevel: worst }),
  };
}

function parseProperties(text: string, file: string): Map<string, string> {
  try {
    const entries = Object.entries(parse(text) as Record<string, unknown>);
    return new Map(entries.map(([key, value]) => [key.replace(PREFIX, ''), String(value).trim()]));
  } catch (error) {
    throw unusable(file, messageOf(error), 'write key=value lines, as Java does');
  }
}

const unusable = (file: string, what: string, todo: string) =>
  new FlinchError('CONFIG_UNREADABLE', { what, on: file, todo });
