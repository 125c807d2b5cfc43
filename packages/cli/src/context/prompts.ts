import type { Readable, Writable } from "node:stream";

import { Interruption } from "./interruption.js";

/**
 * Prompts on the terminal. Use them only when input and error output are terminals. A dismissed
 * prompt (Ctrl-C, Escape) throws an {@link Interruption}.
 */
export interface Prompts {
  /** Asks yes or no; the default is no. */
  confirm(message: string): Promise<boolean>;
  /** Asks for text that is not echoed. */
  secret(message: string): Promise<string>;
}

/** Prompts that use the given streams, and reject with the reason of `signal` when it aborts. */
export function createTerminalPrompts(
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Prompts {
  return {
    async confirm(message) {
      const { confirm } = await loadPrompts();
      const reply = await confirm({ message, initialValue: false, input, output, signal });
      if (typeof reply === "boolean") return reply;
      throw dismissal(signal);
    },
    async secret(message) {
      const { password } = await loadPrompts();
      const reply = await password({ message, input, output, signal });
      if (typeof reply === "string") return reply;
      throw dismissal(signal);
    },
  };
}

/** The terminal is in raw mode during a prompt, so Ctrl-C arrives as a key and not as a signal. */
function dismissal(signal: AbortSignal): Error {
  signal.throwIfAborted();
  return new Interruption("SIGINT");
}

/** The prompt library takes tens of milliseconds to load, so only commands that prompt load it. */
function loadPrompts() {
  return import("@clack/prompts");
}
