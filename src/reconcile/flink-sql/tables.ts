import type { IsolationLevel } from '../../client/kafka/apis/api.js';
import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import { literal } from './text.js';

export interface TopicTable {
  name: string;
  topic: string;
  isolation: IsolationLevel;
  bounds: readonly PartitionOffsets[];
  /** Options of Kafka's consumer, `bootstrap.servers` among them. */
  properties: Readonly<Record<string, string>>;
}

/**
 * DDL of a table over exactly the window that the reader would read: key, value and headers as bytes. Every partition
 * is named in both lists, as one that is not would not be read. Without a group, so nothing is committed.
 */
export function tableSql({ name, topic, isolation, bounds, properties }: TopicTable): string {
  const offsets = (of: (ends: PartitionOffsets) => number) =>
    bounds.map((ends) => `partition:${ends.partition},offset:${of(ends)}`).join(';');
  const options: Record<string, string> = {
    connector: 'kafka',
    topic,
    'key.format': 'raw',
    'key.fields': 'k',
    'value.format': 'raw',
    'value.fields-include': 'EXCEPT_KEY',
    'scan.startup.mode': 'specific-offsets',
    'scan.startup.specific-offsets': offsets(({ earliest }) => earliest),
    'scan.bounded.mode': 'specific-offsets',
    'scan.bounded.specific-offsets': offsets((ends) =>
      isolation === 'read_committed' ? ends.lastStableOffset : ends.highWatermark,
    ),
    'properties.isolation.level': isolation,
    'properties.allow.auto.create.topics': 'false',
    ...Object.fromEntries(Object.entries(properties).map(([key, value]) => [`properties.${key}`, value])),
  };
  const written = Object.entries(options).map(([key, value]) => ` ${literal(key)} = ${literal(value)}`);
  return `CREATE TEMPORARY TABLE \`${name}\` (
 \`k\` BYTES,
 \`v\` BYTES,
 \`h\` MAP<STRING, BYTES> METADATA FROM 'headers' VIRTUAL,
 \`p\` INT METADATA FROM 'partition' VIRTUAL,
 \`o\` BIGINT METADATA FROM 'offset' VIRTUAL,
 \`ts\` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
) WITH (
${written.join(',\n')}
)`;
}
