import type { CliContext } from "../context/context.js";
import { createPaint, type Paint } from "./colour.js";
import { safeJson } from "./json.js";
import { printableLine } from "./text.js";
import { write } from "./write.js";

/** The options that decide what is printed. */
export interface OutputOptions {
  /** Whether the result, or the error, is printed as one line of JSON. */
  readonly json: boolean;
  /** Whether notes and progress are left out. */
  readonly quiet: boolean;
  /** Whether requests are traced on standard error. */
  readonly verbose: boolean;
  /** Whether colours are allowed. */
  readonly color: boolean;
}

/** Where a command prints: results on standard output, everything else on standard error. */
export interface Output {
  /** Prints the result: `json` as one line with `--json`, else `lines`, made printable. */
  result(json: { readonly ok: boolean }, lines: readonly string[]): Promise<void>;
  /** Prints a note, unless `--quiet`. */
  note(line: string): void;
  /** Prints a warning, also with `--quiet`. */
  warn(line: string): void;
  /** Prints a detail, only with `--verbose`. */
  trace(line: string): void;
  /** Colours for standard error. */
  readonly paint: Paint;
}

/** The output of one command. */
export function createOutput(options: OutputOptions, context: CliContext): Output {
  const { stdout, stderr, env } = context;
  const paint = createPaint({ isTerminal: stderr.isTTY === true, env, allowed: options.color });
  const say = (line: string) => {
    stderr.write(`${line}\n`);
  };
  return {
    paint,
    async result(json, lines) {
      const shown = options.json ? [safeJson(json)] : lines.map(printableLine);
      await write(stdout, shown.map((line) => `${line}\n`).join(""));
    },
    note(line) {
      if (!options.quiet) say(printableLine(line));
    },
    warn(line) {
      say(`${paint("warning:", "yellow")} ${printableLine(line)}`);
    },
    trace(line) {
      if (options.verbose) say(paint(printableLine(line), "dim"));
    },
  };
}
