import { type Command, CommanderError } from "commander";

import { CliError } from "../errors/cli-error.js";
import { HelpRequest } from "./help-request.js";
import { commonOptions } from "./common.js";

/**
 * Parses `argv` (the arguments after the command's name) with the common options added. Commander
 * neither prints nor exits.
 *
 * @throws {CliError} `usage`
 * @throws {HelpRequest} for `--help`
 */
export function parseCommand(command: Command, argv: readonly string[]): Command {
  try {
    return prepareCommand(command).parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") throw new HelpRequest(helpText(command));
    throw usageError(command, error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
}

/**
 * Adds the common options and settings to a command; for parsing, and for checks of the
 * documentation.
 */
export function prepareCommand(command: Command): Command {
  for (const option of commonOptions()) command.addOption(option);
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .helpOption("-h, --help", "show this help")
    .configureHelp({ helpWidth: HELP_WIDTH, commandUsage: usageLine })
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
}

/** An error in the arguments of `command`, with its usage line. */
export function usageError(command: Command, message: string, next?: string): CliError {
  return new CliError("usage", message, {
    usage: usageLine(command),
    next: next ?? `see "sifshelf ${command.name()} --help"`,
  });
}

/** How a command is called. */
export function usageLine(command: Command): string {
  return `sifshelf ${command.name()} ${command.usage()}`;
}

/** Fixed, so that help does not depend on the terminal. */
const HELP_WIDTH = 88;

function helpText(command: Command): string {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (text) => parts.push(text), writeErr: () => {} });
  command.outputHelp();
  return parts.join("").trimEnd();
}
