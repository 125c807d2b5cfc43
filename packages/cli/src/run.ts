import { COMMANDS } from "./command-table.js";
import type { CliContext } from "./context/context.js";
import { CliError } from "./errors/cli-error.js";
import { EXIT_CODES, type ExitCode } from "./errors/exit-codes.js";
import { findCommand, type FoundCommand, isGroup, nearestName } from "./find-command.js";
import { groupHelp, rootHelp } from "./help.js";
import { HelpRequest } from "./options/help-request.js";
import { write } from "./output/write.js";
import { hasFlag } from "./options/split-arguments.js";

/**
 * Runs `sifshelf` with the arguments `argv` (without program name), and resolves with the exit
 * code. Never rejects: every failure is printed.
 */
export async function run(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const found = findCommand(argv);
  const { command, rest } = found;
  try {
    if (command !== undefined) return await (await command.load()).execute(rest, context);
    return await runWithoutCommand(found, context);
  } catch (error) {
    if (error instanceof HelpRequest) return print(`${error.text}\n`, context);
    const { fail } = await import("./fail.js");
    return fail(error, { argv, command, context });
  }
}

async function runWithoutCommand(
  { name, rest }: FoundCommand,
  context: CliContext,
): Promise<ExitCode> {
  const wantsHelp = hasFlag(rest, "-h", "--help");
  if (name === undefined && wantsHelp) return print(rootHelp(), context);
  if (name === undefined && hasFlag(rest, "-V", "--version"))
    return print(`${context.version}\n`, context);
  if (name === "help") return helpOf(findCommand(rest), context);
  if (name !== undefined && isGroup(name)) {
    return wantsHelp ? print(groupHelp(name), context) : refuse(groupHelp(name), context);
  }
  if (name === undefined && rest.length === 0) return refuse(rootHelp(), context);
  if (name === undefined) throw new CliError("usage", "no command given", { next: SEE_HELP });
  throw unknownCommand(name);
}

const SEE_HELP = 'see "sifshelf --help"';

function refuse(help: string, { stderr }: CliContext): ExitCode {
  stderr.write(help);
  return EXIT_CODES.usage;
}

async function helpOf({ command, name }: FoundCommand, context: CliContext): Promise<ExitCode> {
  if (command !== undefined) return (await command.load()).execute(["--help"], context);
  if (name === undefined) return print(rootHelp(), context);
  if (isGroup(name)) return print(groupHelp(name), context);
  throw unknownCommand(name);
}

function unknownCommand(name: string): CliError {
  const nearest = nearestName(
    name,
    COMMANDS.map((entry) => entry.name),
  );
  const next = nearest === undefined ? SEE_HELP : `did you mean "sifshelf ${nearest}"?`;
  return new CliError("usage", `there is no command "${name}"`, { next });
}

/** Prints to standard output. A closed pipe is not reported. */
async function print(text: string, { stdout }: CliContext): Promise<ExitCode> {
  return write(stdout, text).then(
    () => EXIT_CODES.ok,
    () => EXIT_CODES.other,
  );
}
