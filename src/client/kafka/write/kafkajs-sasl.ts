import type { Mechanism } from 'kafkajs';
import type { FlinchError } from '../../../core/error.js';
import { type SaslAnswer, SaslDialogue } from '../protocol/sasl/dialogue.js';
import { authenticate } from '../protocol/sasl/mechanisms.js';
import { isAuthError, type KafkaSasl } from '../protocol/security.js';

/**
 * Milliseconds before the end of a session at which kafkajs authenticates again. Its own 10 s would, in a session of
 * less than that, do so at every request, which brokers refuse more often than once a second.
 */
export const REAUTHENTICATION_THRESHOLD = 500;

const REFUSED_HANDSHAKE = new Set(['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']);

/** Our own mechanisms for kafkajs, so that both clients check and say the same. `refuse` hears of KAFKA_AUTH. */
export function kafkajsSasl(sasl: KafkaSasl, refuse: (error: FlinchError) => void): Mechanism {
  return {
    mechanism: sasl.mechanism,
    authenticationProvider: ({ host, port, saslAuthenticate }) => {
      const transmit = async (message: Buffer): Promise<SaslAnswer> => {
        try {
          const bytes = await saslAuthenticate<Buffer>({
            request: { encode: () => lengthAndBytes(message) },
            response: { decode: (data) => data, parse: (data) => data.subarray(4) },
          });
          return { error: 0, message: null, bytes: bytes ?? Buffer.alloc(0) };
        } catch (error) {
          const { type, code, message: said } = error as { type?: string; code?: unknown; message: string };
          if (type === undefined || typeof code !== 'number') throw error;
          return { error: code, message: said, bytes: Buffer.alloc(0) };
        }
      };
      return {
        authenticate: async () => {
          try {
            await authenticate(sasl, new SaslDialogue(`broker ${host}:${port}`, sasl.mechanism, transmit));
          } catch (error) {
            if (isAuthError(error)) refuse(error);
            throw error;
          }
        },
      };
    },
  };
}

/** Whether kafkajs may have failed because of how it asked: it does not tell what the broker wants instead. */
export function maybeRefused(error: unknown): boolean {
  for (let at = error as { type?: string; cause?: unknown } | undefined; at; at = at.cause as typeof at) {
    if (REFUSED_HANDSHAKE.has(at.type ?? '')) return true;
    if (/ConnectionClosedError|mechanism is not supported by the server/.test(String(at))) return true;
  }
  return false;
}

function lengthAndBytes(message: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}
