/** 15000 as "15 000": grouped by no-break thin spaces, in every locale. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** "2026-11-20 12:00:00.000 UTC" */
export const utc = (wall: number): string => {
  const date = new Date(wall);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().replace('T', ' ').replace('Z', ' UTC');
};

/** "+12.05 s" from a moment to another, in milliseconds. */
export const signed = (ms: number): string => `${ms < 0 ? '\u2212' : '+'}${(Math.abs(ms) / 1000).toFixed(2)} s`;

/** A long id, as Flink makes them, cut to its beginning. */
export const shortId = (id: string): string => (id.length > 24 ? `${id.slice(0, 12)}\u2026` : id);
