import { cliVersion } from "./cli-version.js";
import { COMMANDS, type CommandEntry } from "./commands/command-table.js";
import type { CliContext } from "./context.js";
import { EXIT_CODES, type ExitCode } from "./exit-codes.js";
import { HelpRequest } from "./help-request.js";
import { rootHelp } from "./root-help.js";
import { hasFlag, splitArguments } from "./split-arguments.js";

/**
 * Runs `sifshelf` with the arguments `argv` (without program name), and resolves with the exit code. Never rejects:
 * every failure is printed.
 */
export async function run(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  const { name, rest } = splitArguments(argv);
  const command = COMMANDS.find((entry) => entry.name === name);
  try {
    if (command !== undefined) return await (await command.load()).execute(rest, context);
    return await runWithoutCommand(name, rest, context);
  } catch (error) {
    if (error instanceof HelpRequest) return print(`${error.text}\n`, context);
    const { fail } = await import("./fail.js");
    return fail(error, { argv, command, context });
  }
}

async function runWithoutCommand(
  name: string | undefined,
  rest: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  if (name === undefined && hasFlag(rest, "-h", "--help")) return print(rootHelp(), context);
  if (name === undefined && hasFlag(rest, "-V", "--version"))
    return print(`${cliVersion()}\n`, context);
  if (name === "help")
    return rest[0] === undefined ? print(rootHelp(), context) : helpOf(rest[0], context);
  const { CliError } = await import("./cli-error.js");
  if (name === undefined && rest.length === 0) {
    context.stderr.write(rootHelp());
    return EXIT_CODES.usage;
  }
  if (name === undefined) throw new CliError("usage", "no command is named", { next: SEE_HELP });
  throw await unknownCommand(name);
}

const SEE_HELP = 'see "sifshelf --help"';

async function helpOf(name: string, context: CliContext): Promise<ExitCode> {
  const command: CommandEntry | undefined = COMMANDS.find((entry) => entry.name === name);
  if (command === undefined) throw await unknownCommand(name);
  return (await command.load()).execute(["--help"], context);
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
