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

/** @throws FlinchError USAGE */
export function securityOf({ tls, ca, cert, key, sasl, username }: KafkaOptionValues): KafkaSecurity | undefined {
  const files = Object.entries({ ca, cert, key }).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, pem(`--${name}`, path)] as const],
  );
  const secure = tls === true || files.length > 0;
  if (!secure && sasl === undefined) return undefined;
  return {
    ...(secure ? { tls: files.length > 0 ? Object.fromEntries(files) : true } : {}),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl, username) }),
  };
}

function saslOf(text: string, username: string | undefined): KafkaSasl {
  const mechanism = oneOf('--sasl', text, ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const);
  const secret = (name: string): string => {
    const value = process.env[name];
    if (!value) throw wrongOption(`--sasl ${mechanism}`, `put the secret into the environment as ${name}`);
    return value;
  };
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: () => secret('FLINCH_KAFKA_TOKEN') };
  if (!username) throw wrongOption(`--sasl ${mechanism}`, 'name the user with --username');
  return { mechanism, username, password: secret('FLINCH_KAFKA_PASSWORD') };
}

function pem(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrongOption(`${option} ${path}`, `name a PEM file that can be read (${messageOf(error)})`);
  }
}
