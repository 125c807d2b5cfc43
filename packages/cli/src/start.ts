import { createProcessContext } from "./context/context.js";
import { Interruption } from "./context/interruption.js";
import { run } from "./run.js";

/** Runs the arguments of this process and sets its exit code. */
export async function start(argv: readonly string[], version: string): Promise<void> {
  const interrupted = new AbortController();
  // Stops the command cleanly. A second signal has no handler and ends the process at once.
  const interrupt = (name: "SIGINT" | "SIGTERM") => {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    interrupted.abort(new Interruption(name));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  // Without a listener, a closed pipe would end the process with a stack trace. Each write reports
  // the error to its caller.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  process.exitCode = await run(argv, createProcessContext(version, interrupted.signal));
}
