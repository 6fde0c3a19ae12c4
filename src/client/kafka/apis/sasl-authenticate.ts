import type { SaslAnswer } from '../protocol/sasl/dialogue.js';
import type { Api } from './api.js';

export interface SaslAuthenticateResponse extends SaslAnswer {
  /** Milliseconds until the broker wants a new authentication; 0 when it never does. */
  lifetimeMs: number;
}

/** Carries one message of a SASL mechanism. */
export const saslAuthenticate: Api<{ bytes: Buffer }, SaslAuthenticateResponse> = {
  name: 'SaslAuthenticate',
  key: 36,
  min: 0,
  max: 1,
  encode: (writer, _version, { bytes }) => {
    writer.bytes(bytes);
  },
  decode: (reader, version) => ({
    error: reader.int16(),
    message: reader.string(),
    bytes: reader.bytes(),
    lifetimeMs: version >= 1 ? reader.int64() : 0,
  }),
};
