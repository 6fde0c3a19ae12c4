import type { Api } from './api.js';

export type VersionRanges = Map<number, { min: number; max: number }>;

/** Version 0 is understood by every broker, also as its answer to a newer version that it does not know. */
export const apiVersions: Api<undefined, { error: number; ranges: VersionRanges }> = {
  name: 'ApiVersions',
  key: 18,
  min: 0,
  max: 0,
  encode: () => {},
  decode: (reader) => {
    const error = reader.int16();
    const ranges: VersionRanges = new Map();
    for (const [key, min, max] of reader.array((r) => [r.int16(), r.int16(), r.int16()] as const)) {
      ranges.set(key, { min, max });
    }
    return { error, ranges };
  },
};
