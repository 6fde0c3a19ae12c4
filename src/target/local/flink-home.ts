import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FlinchError, messageOf } from '../../core/error.js';

/** A Flink distribution of the user's own. */
export interface Distribution {
  /** Full version, from the name of the flink-dist jar. */
  version: string;
  jars: string[];
  hasKafkaConnector: boolean;
}

/** The gateway itself; its interfaces alone are another jar. */
const GATEWAY = /flink-sql-gateway(?!-api)-?[\w.-]*\.jar$/;

/**
 * Reads the classpath of a distribution: all of lib/, and the SQL gateway from opt/.
 * @throws FlinchError USAGE when the directory is none.
 */
export async function readDistribution(home: string): Promise<Distribution> {
  const lib = await list(join(resolve(home), 'lib'), home);
  const opt = await list(join(resolve(home), 'opt'), home);
  const version = lib.map((jar) => /flink-dist(?:_[\d.]+)?-(\d[\w.-]*)\.jar$/.exec(jar)?.[1]).find(Boolean);
  if (!version) throw notOne(home, 'lib/ has no flink-dist-<version>.jar');
  const gateway = opt.filter((jar) => GATEWAY.test(jar));
  if (gateway.length === 0 && !lib.some((jar) => GATEWAY.test(jar))) {
    throw notOne(home, 'opt/ has no flink-sql-gateway jar');
  }
  return {
    version,
    jars: [...lib, ...gateway],
    hasKafkaConnector: lib.some((jar) => /flink-(sql-)?connector-kafka-[\w.-]+\.jar$/.test(jar)),
  };
}

/** Jars of the connector and of what it needs beyond a distribution; Flink itself must not come twice. */
const CONNECTOR =
  /\/(flink-(sql-)?connector-(kafka|base)|kafka-clients|guava|failureaccess|jackson-(core|databind|annotations|datatype-\w+)|lz4-java|snappy-java|zstd-jni)-[^/]*\.jar$/;

/** The Kafka connector's part of a full set of jars. */
export const connectorJars = (jars: readonly string[]): string[] => jars.filter((jar) => CONNECTOR.test(jar));

async function list(dir: string, home: string): Promise<string[]> {
  try {
    const names = await readdir(dir);
    return names
      .filter((name) => name.endsWith('.jar'))
      .sort()
      .map((name) => join(dir, name));
  } catch (cause) {
    throw notOne(home, messageOf(cause), cause);
  }
}

function notOne(home: string, on: string, cause?: unknown): FlinchError {
  return new FlinchError('USAGE', {
    what: `--flink-home ${home} is not a Flink distribution`,
    on,
    todo: 'give the directory that holds bin, lib and opt',
    cause,
  });
}
