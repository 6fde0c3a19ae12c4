const EFFORT = Number(process.env.FLINCH_EFFORT ?? 1);

/** How many cases a property is tried on: so many among the unit tests, FLINCH_EFFORT times that where there is time. */
export const trials = (some: number): number => some * EFFORT;
