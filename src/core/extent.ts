/** What a number is known to be: at least and at most, both inclusive. `atMost` null: no upper bound is known. */
export interface Extent {
  atLeast: number;
  atMost: number | null;
}

export const exactly = (value: number): Extent => ({ atLeast: value, atMost: value });

export const between = (atLeast: number, atMost: number | null): Extent => ({ atLeast, atMost });
