/**
 * Runs work with a signal that aborts when the user interrupts the program, so that the work can
 * clean up.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const interrupt = (name: NodeJS.Signals): void => controller.abort(new Error(`ended by ${name}`));
  for (const name of names) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, interrupt);
  }
}
