import type { Api } from './api.js';

const TRANSACTION = 1;

/**
 * The coordinator of a transactional id; any broker answers. To be asked for ids that exist only: a broker creates its
 * transaction log when it has none.
 */
export const findCoordinator: Api<{ transactionalId: string }, { error: number; node: number }> = {
  name: 'FindCoordinator',
  key: 10,
  min: 1,
  max: 2,
  encode: (writer, _version, { transactionalId }) => {
    writer.string(transactionalId).int8(TRANSACTION);
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    const error = reader.int16();
    reader.string(); // error message
    const node = reader.int32();
    reader.string(); // host
    reader.int32(); // port
    return { error, node };
  },
};
