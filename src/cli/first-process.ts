const EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Has signals end this process unless something else listens to them, as they end any other: the first one of a container is spared
 * those that it does not listen to, and would go on until it is killed.
 */
export function endBySignals(): void {
  for (const [signal, code] of Object.entries(EXIT)) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}
