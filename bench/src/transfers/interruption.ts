/**
 * Runs something that is told by a signal when the user interrupts the program, so that it can
 * remove what it made.
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
