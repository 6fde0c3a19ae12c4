import type { Api } from './api.js';

/** Names the mechanism. From version 1 on what follows goes in SaslAuthenticate, not as bare bytes. */
export const saslHandshake: Api<{ mechanism: string }, { error: number; mechanisms: string[] }> = {
  name: 'SaslHandshake',
  key: 17,
  min: 1,
  max: 1,
  encode: (writer, _version, { mechanism }) => {
    writer.string(mechanism);
  },
  decode: (reader) => ({ error: reader.int16(), mechanisms: reader.array((r) => r.string() ?? '') }),
};
