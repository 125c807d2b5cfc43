/** Inputs of an example. */
export interface ExampleContext {
  readonly args: readonly string[];
  /** Writes a line to standard output. */
  readonly say: (line: string) => void;
  /** Aborted by the first SIGINT or SIGTERM, so that the example can tidy up. */
  readonly signal: AbortSignal;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs an example as a program. A failure prints one readable line on standard error and exits with
 * code 1.
 */
export async function runExample(
  name: string,
  run: (context: ExampleContext) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  try {
    await run({ args: process.argv.slice(2), say, signal: stop.signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${reason}\n`);
    process.exitCode = 1;
  }
}
