import { FlinchError } from '../../../core/error.js';

/** TLS towards the brokers. Certificates and keys are PEM text. */
export interface KafkaTls {
  /** Certificates to trust instead of the system's. */
  ca?: string | Buffer | readonly (string | Buffer)[];
  /** The client's own certificate, where brokers demand one, with its key. */
  cert?: string | Buffer;
  key?: string | Buffer;
  /** Of the key. */
  passphrase?: string;
  /** The name that every broker's certificate must carry, instead of the host that is connected to. */
  servername?: string;
  /**
   * INSECURE when false: any certificate is accepted, so anybody on the way can read and change everything. For
   * tests with throw-away certificates only.
   */
  rejectUnauthorized?: false;
}

export interface PasswordSasl {
  mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  username: string;
  password: string;
}

export interface TokenSasl {
  mechanism: 'OAUTHBEARER';
  /** Asked anew for each authentication, so that it may renew the token. What it throws is not shown. */
  token: () => Promise<string> | string;
  /** Sent beside the token. Names are letters. */
  extensions?: Readonly<Record<string, string>>;
}

export type KafkaSasl = PasswordSasl | TokenSasl;

/**
 * How brokers are spoken to. In Kafka's words: none of the two is PLAINTEXT, `tls` alone SSL, `sasl` alone
 * SASL_PLAINTEXT, both SASL_SSL.
 */
export interface KafkaSecurity {
  tls?: KafkaTls | true;
  sasl?: KafkaSasl;
}

/** A KAFKA_AUTH error: trying again does not cure it. */
export function authError(what: string, on: string, todo: string, cause?: unknown): FlinchError {
  return new FlinchError('KAFKA_AUTH', { what, on, todo, cause });
}

export const isAuthError = (error: unknown): error is FlinchError =>
  error instanceof FlinchError && error.code === 'KAFKA_AUTH';

const LONGEST_QUOTE = 400;

/** What a broker said, in one line without the secrets: a broker may well repeat what it was sent. */
export function quote(text: string, secrets: Iterable<string>): string {
  let safe = text;
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString('base64'), JSON.stringify(secret).slice(1, -1)]) {
      if (form !== '') safe = safe.replaceAll(form, '***');
    }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal must not get
  return safe.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, LONGEST_QUOTE);
}
