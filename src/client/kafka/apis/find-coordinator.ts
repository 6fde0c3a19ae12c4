import type { Api } from './api.js';

/** Whose coordinator: of a consumer group, or of a transactional id. */
export type CoordinatorOf = { group: string } | { transactionalId: string };

const [GROUP, TRANSACTION] = [0, 1];

/**
 * The coordinator of a consumer group or of a transactional id; any broker answers. To be asked for what exists only: a
 * broker creates its log of offsets or transactions when it has none.
 */
export const findCoordinator: Api<CoordinatorOf, { error: number; node: number }> = {
  name: 'FindCoordinator',
  key: 10,
  min: 1,
  max: 2,
  encode: (writer, _version, of) => {
    if ('group' in of) writer.string(of.group).int8(GROUP);
    else writer.string(of.transactionalId).int8(TRANSACTION);
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
