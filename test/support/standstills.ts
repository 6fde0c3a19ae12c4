/** This process has nothing to do while others run: what keeps it from running keeps everybody. Milliseconds. */
const EVERY = 50;
/** Longer than any queue for a processor. Milliseconds. */
const LONG = 1_000;

/** Whether the machine stood still for a second or more while `work` went on. */
export async function withStandstills<T>(work: () => Promise<T>): Promise<{ value: T; stood: boolean }> {
  let last = performance.now();
  let stood = false;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > EVERY + LONG) stood = true;
    last = now;
  }, EVERY);
  try {
    const value = await work();
    return { value, stood };
  } finally {
    clearInterval(timer);
  }
}
