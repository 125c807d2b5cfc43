import type { Readable, Writable } from "node:stream";

import { Interruption } from "./interruption.js";

/**
 * Questions to the person at the terminal. Ask only when input and error output are terminals. A
 * question that is dismissed (Ctrl-C, Escape) throws an {@link Interruption}.
 */
export interface Prompts {
  /** Yes or no; no is proposed. */
  confirm(message: string): Promise<boolean>;
  /** A text that is not shown while it is typed. */
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
      const answer = await confirm({ message, initialValue: false, input, output, signal });
      if (typeof answer === "boolean") return answer;
      throw dismissal(signal);
    },
    async secret(message) {
      const { password } = await loadPrompts();
      const answer = await password({ message, input, output, signal });
      if (typeof answer === "string") return answer;
      throw dismissal(signal);
    },
  };
}

/**
 * The terminal is in raw mode while a question is open, so Ctrl-C arrives as a key and not as a
 * signal.
 */
function dismissal(signal: AbortSignal): Error {
  signal.throwIfAborted();
  return new Interruption("SIGINT");
}

/** The prompt library costs tens of milliseconds to load: only commands that ask pay for it. */
function loadPrompts() {
  return import("@clack/prompts");
}
