import { readFileSync } from 'node:fs';
import type { KafkaSasl, KafkaSecurity } from '../client/kafka/protocol/security.js';
import { messageOf } from '../core/error.js';
import { oneOf, wrongOption } from './option-values.js';

/** How brokers are spoken to, as options. Secrets are not among them: every user of a machine sees its command lines. */
export interface KafkaOptionValues {
  tls?: boolean;
  ca?: string;
  cert?: string;
  key?: string;
  sasl?: string;
  username?: string;
}

/** What a value is called by whoever gave it. */
type Called = (name: keyof KafkaOptionValues) => string;
const asOption: Called = (name) => `--${name}`;
const asVariable: Called = (name) => `FLINCH_KAFKA_${name.toUpperCase()}`;

/** The same from the environment, for the brokers of a job that a scenario attaches to. @throws FlinchError USAGE */
export function securityFromEnvironment(env: NodeJS.ProcessEnv = process.env): KafkaSecurity | undefined {
  const names = ['ca', 'cert', 'key', 'sasl', 'username'] as const;
  const values = Object.fromEntries(
    names.flatMap((name) => (env[asVariable(name)] ? [[name, env[asVariable(name)]]] : [])),
  );
  const tls = env[asVariable('tls')];
  if (tls && tls !== '1' && tls !== '0') throw wrongOption(`${asVariable('tls')}=${tls}`, 'write 1 or 0');
  return securityOf({ ...values, tls: tls === '1' }, asVariable);
}

/** @throws FlinchError USAGE */
export function securityOf(
  { tls, ca, cert, key, sasl, username }: KafkaOptionValues,
  called = asOption,
): KafkaSecurity | undefined {
  const files = Object.entries({ ca, cert, key }).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, pem(called(name as keyof KafkaOptionValues), path)] as const],
  );
  const secure = tls === true || files.length > 0;
  if (!secure && sasl === undefined) return undefined;
  return {
    ...(secure ? { tls: files.length > 0 ? Object.fromEntries(files) : true } : {}),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl, username, called) }),
  };
}

function saslOf(text: string, username: string | undefined, called: Called): KafkaSasl {
  const mechanism = oneOf(called('sasl'), text, ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const);
  const secret = (name: string): string => {
    const value = process.env[name];
    if (!value) throw wrongOption(`${called('sasl')} ${mechanism}`, `put the secret into the environment as ${name}`);
    return value;
  };
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: () => secret('FLINCH_KAFKA_TOKEN') };
  if (!username) throw wrongOption(`${called('sasl')} ${mechanism}`, `name the user with ${called('username')}`);
  return { mechanism, username, password: secret('FLINCH_KAFKA_PASSWORD') };
}

function pem(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrongOption(`${option} ${path}`, `name a PEM file that can be read (${messageOf(error)})`);
  }
}
