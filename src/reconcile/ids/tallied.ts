import type { Place } from './sighting.js';

/**
 * - `source`: the first place at the source; of those within the window, if there are any, else of those around it, else
 *   of those that the filter drops.
 * - `sink`: the first place in the committed sink.
 * - `repeat`: the last place in the committed sink, if there is more than one.
 * - `uncommitted`: the first place that only read_uncommitted shows.
 *
 * First and last are by timestamp, then by partition and offset.
 */
export type PlaceName = 'source' | 'sink' | 'repeat' | 'uncommitted';

/**
 * One id with all its sightings. The same object is handed over for each id; what its functions return is the caller's
 * to keep, but they are to be called before the next id.
 */
export interface Tallied {
  /** Records at the source, and of those that the filter drops. */
  source: number;
  filtered: number;
  /** Records at the source before and behind the window, and in the committed sink before it; 0 without a window. */
  around: number;
  earlier: number;
  /** Records in the committed sink, and those that only read_uncommitted shows. */
  sink: number;
  uncommitted: number;
  /** The id's bytes. */
  id(): Buffer;
  place(name: PlaceName): Place | undefined;
}
