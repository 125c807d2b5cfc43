import type { Command } from "commander";

import type { CliContext } from "../context/context.js";
import type { ExitCode } from "../errors/exit-codes.js";
import type { CommonOptions } from "./common.js";
import { createOutput, type Output } from "../output/output.js";

/** What a command runs with, besides its options. */
export interface CommandRun {
  readonly context: CliContext;
  readonly output: Output;
}

/** The parts of a command. */
export interface CommandParts<Options extends CommonOptions> {
  /**
   * Its arguments and options, without the common ones. Returns a new object each time, because
   * parsing changes it.
   */
  readonly define: () => Command;
  /**
   * Parses the arguments after the command's name. Throws `CliError`, `RefError` or `HelpRequest`.
   */
  readonly parse: (argv: readonly string[]) => Options;
  /** Runs the command; rejects on failure. */
  readonly run: (options: Options, run: CommandRun) => Promise<ExitCode>;
}

/** A command as listed in the table of commands. */
export interface RunnableCommand {
  readonly define: () => Command;
  /** Parses the arguments after the command's name, then runs the command. */
  readonly execute: (argv: readonly string[], context: CliContext) => Promise<ExitCode>;
}

/** A command's line in the help, and its loader. */
export interface CommandEntry {
  /** One word, or two such as `sif list`. */
  readonly name: string;
  /** An alternative name. */
  readonly alias?: string;
  readonly summary: string;
  readonly load: () => Promise<RunnableCommand>;
}

/** Combines the parts of a command. */
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
