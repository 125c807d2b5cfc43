#!/usr/bin/env node
import { createProcessContext, Interruption } from "./context.js";

const interrupted = new AbortController();

/** Stops the command in an orderly way; the next signal finds no handler and ends the process at once. */
function interrupt(name: "SIGINT" | "SIGTERM"): void {
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  interrupted.abort(new Interruption(name));
}

process.on("SIGINT", interrupt).on("SIGTERM", interrupt);

// Without a listener, a reader that leaves would end the process with a stack trace; writers learn of it themselves.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const { run } = await import("./run.js");
process.exitCode = await run(process.argv.slice(2), createProcessContext(interrupted.signal));
