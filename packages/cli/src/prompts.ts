import type { Readable, Writable } from "node:stream";

/** Questions to the person at the terminal. Ask only when input and error output are terminals. */
export interface Prompts {
  /** Yes or no; no when the question is dismissed. */
  confirm(message: string): Promise<boolean>;
  /** A text that is not shown while it is typed; `undefined` when the question is dismissed. */
  secret(message: string): Promise<string | undefined>;
}

/** Prompts that use the given streams, and end as dismissed when `signal` aborts. */
export function createTerminalPrompts(
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Prompts {
  return {
    async confirm(message) {
      const { confirm } = await loadPrompts();
      return (await confirm({ message, initialValue: false, input, output, signal })) === true;
    },
    async secret(message) {
      const { password } = await loadPrompts();
      const answer = await password({ message, input, output, signal });
      return typeof answer === "string" ? answer : undefined;
    },
  };
}

/** The prompt library costs tens of milliseconds to load: only commands that ask pay for it. */
function loadPrompts() {
  return import("@clack/prompts");
}
