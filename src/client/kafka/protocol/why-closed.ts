import type { FlinchError } from '../../../core/error.js';
import { saslHandshake } from '../apis/sasl-handshake.js';
import { BrokerConnection } from './connection.js';
import { UNSUPPORTED_SASL_MECHANISM } from './sasl/session.js';
import { authError, isAuthError, type KafkaSecurity } from './security.js';

interface Options {
  clientId: string;
  /** Milliseconds for the opening, and as many for a question. */
  ms: number;
  signal?: AbortSignal | undefined;
  security?: KafkaSecurity | undefined;
}

/**
 * Asks a broker that hung up without a word what it wants: a KAFKA_AUTH error, or undefined when it is content or does
 * not answer, as one that is dying does not. Never throws.
 */
export async function whyClosed(
  peer: { host: string; port: number },
  { ms, signal, ...options }: Options,
): Promise<FlinchError | undefined> {
  let connection: BrokerConnection | undefined;
  try {
    connection = await BrokerConnection.open(peer, { ...options, ms, signal });
    if (options.security?.sasl) return undefined;
    // A port without SASL answers ILLEGAL_SASL_STATE; one with it waits for nothing else, and names its mechanisms.
    const { error, mechanisms } = await connection.call(saslHandshake, { mechanism: 'NONE' }, { ms, signal });
    if (error !== UNSUPPORTED_SASL_MECHANISM) return undefined;
    const offer = mechanisms.join(', ');
    return authError(`the broker demands SASL, it offers ${offer}`, connection.address, 'give a user by one of those');
  } catch (error) {
    return isAuthError(error) ? error : undefined;
  } finally {
    connection?.close();
  }
}
