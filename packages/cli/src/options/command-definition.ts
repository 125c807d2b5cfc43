import type { Command } from "commander";

import type { CliContext } from "../context/context.js";
import type { ExitCode } from "../errors/exit-codes.js";
import type { CommonOptions } from "./common.js";
import { createOutput, type Output } from "../output/output.js";

/** What a command runs with, beside its options. */
export interface CommandRun {
  readonly context: CliContext;
  readonly output: Output;
}

/** The parts of a command. */
export interface CommandParts<Options extends CommonOptions> {
  /**
   * Its arguments and options, without the common ones. A new one each time, because parsing
   * changes it.
   */
  readonly define: () => Command;
  /** Reads what follows the command's name. Throws `CliError`, `RefError` or `HelpRequest`. */
  readonly parse: (argv: readonly string[]) => Options;
  /** Does the work; rejects with what went wrong. */
  readonly run: (options: Options, run: CommandRun) => Promise<ExitCode>;
}

/** A command as the table of commands sees it. */
export interface RunnableCommand {
  readonly define: () => Command;
  /** Parses what follows the command's name, then runs it. */
  readonly execute: (argv: readonly string[], context: CliContext) => Promise<ExitCode>;
}

/** A command's line in the help, and how to load it. */
export interface CommandEntry {
  /** One word, or two as `sif list`. */
  readonly name: string;
  /** Another name that is understood. */
  readonly alias?: string;
  readonly summary: string;
  readonly load: () => Promise<RunnableCommand>;
}

/** Joins the parts of a command. */
export function createCommand<Options extends CommonOptions>({
  define,
  parse,
  run,
}: CommandParts<Options>): RunnableCommand {
  return {
    define,
    async execute(argv, context) {
      const options = parse(argv);
      return run(options, { context, output: createOutput(options, context) });
    },
  };
}
