import { cliVersion } from "./cli-version.js";
import { COMMANDS } from "./commands/command-table.js";
import type { CliContext } from "./context.js";
import { EXIT_CODES, type ExitCode } from "./exit-codes.js";
import { findCommand, type FoundCommand, isGroup } from "./find-command.js";
import { groupHelp } from "./group-help.js";
import { HelpRequest } from "./help-request.js";
import { rootHelp } from "./root-help.js";
import { hasFlag } from "./split-arguments.js";

/**
 * Runs `sifshelf` with the arguments `argv` (without program name), and resolves with the exit code. Never rejects:
 * every failure is printed.
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
    return print(`${cliVersion()}\n`, context);
  if (name === "help") return helpOf(findCommand(rest), context);
  if (name !== undefined && isGroup(name)) {
    return wantsHelp ? print(groupHelp(name), context) : refuse(groupHelp(name), context);
  }
  if (name === undefined && rest.length === 0) return refuse(rootHelp(), context);
  const { CliError } = await import("./cli-error.js");
  if (name === undefined) throw new CliError("usage", "no command is named", { next: SEE_HELP });
  throw await unknownCommand(name);
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
  throw await unknownCommand(name);
}

async function unknownCommand(name: string): Promise<Error> {
  const { CliError } = await import("./cli-error.js");
  const { nearestName } = await import("./nearest-name.js");
  const nearest = nearestName(
    name,
    COMMANDS.map((entry) => entry.name),
  );
  const next = nearest === undefined ? SEE_HELP : `did you mean "sifshelf ${nearest}"?`;
  return new CliError("usage", `there is no command "${name}"`, { next });
}

/** Prints to standard output; a reader that is gone is no reason to complain. */
async function print(text: string, { stdout }: CliContext): Promise<ExitCode> {
  const { write } = await import("./output/write.js");
  return write(stdout, text).then(
    () => EXIT_CODES.ok,
    () => EXIT_CODES.other,
  );
}
