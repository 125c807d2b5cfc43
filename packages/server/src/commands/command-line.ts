import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import type { CommandContext } from "./command-context.js";
import type { Scope } from "../access/principal.js";
import { SETTINGS, SETTING_KEYS } from "../settings/settings.js";
import { ConfigError } from "../settings/config-error.js";
import { parseDuration } from "../settings/quantities.js";
import { CONFIG_VARIABLE, readConfig } from "../settings/read-config.js";
import type { Setting } from "../settings/setting.js";
import { envNameOf, flagNameOf } from "../settings/setting-names.js";
import { packageVersion } from "../package-version.js";

/** Exit code of a successful run. */
export const EXIT_OK = 0;
/** Exit code of a run that failed. */
export const EXIT_FAILED = 1;
/** Exit code when the arguments or the configuration are not valid. */
export const EXIT_USAGE = 2;

/** The parts of the process that a run uses. */
export interface CommandLineIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/**
 * Runs `sifshelf-server` with these arguments, without the program's own name, and returns the exit
 * code. `serve` runs until a signal. Results go to stdout, everything else to stderr.
 */
export async function runCommandLine(args: readonly string[], io: CommandLineIo): Promise<number> {
  try {
    await createProgram(io).parseAsync(args, { from: "user" });
    return EXIT_OK;
  } catch (error) {
    // Commander has already printed its own errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    io.stderr(`sifshelf-server: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? EXIT_USAGE : EXIT_FAILED;
  }
}

function createProgram(io: CommandLineIo): Command {
  const program = new Command("sifshelf-server")
    .description("A container library for SIF images. Serves when no command is given.")
    .version(packageVersion())
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .exitOverride()
    .option("--config <file>", `TOML file with settings (or ${CONFIG_VARIABLE})`);
  for (const key of SETTING_KEYS) {
    program.addOption(settingOption(SETTINGS[key]));
  }
  addServeCommand(program, io);
  addUserCommands(program, io);
  addTokenCommands(program, io);
  return program;
}

function settingOption({ name, section, description, defaultText }: Setting<unknown>): Option {
  const plain = description.replaceAll(/\[([^\]]+)\]\([^)]*\)|`([^`]+)`/g, "$1$2");
  const help = `${plain} (default ${defaultText.replaceAll("`", "")}); or ${envNameOf(name)}`;
  return new Option(`${flagNameOf(name)} <value>`, help).helpGroup(`${section}:`);
}

function addServeCommand(program: Command, io: CommandLineIo): void {
  program
    .command("serve", { isDefault: true })
    .description("serve until SIGTERM or SIGINT")
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => {
      // Unknown commands end up here: `serve` is the default.
      const [unknown] = command.args;
      if (unknown !== undefined)
        command.error(`error: unknown command ${JSON.stringify(unknown)}; see --help`);
      const { runServe } = await import("./serve-command.js");
      await runServe(configOf(program, io), (line) => io.stderr(`${line}\n`));
    });
}

function addUserCommands(program: Command, io: CommandLineIo): void {
  const user = program
    .command("user")
    .description("manage users of a data folder, whether or not a server is running");
  user
    .command("add <name>")
    .description("add a user")
    .option("--admin", "allow everything, with a token of scope admin")
    .option("--json", "print JSON")
    .action(async (name: string, options: { admin?: boolean; json?: boolean }) => {
      const { runUserAdd } = await import("./user-commands.js");
      await runUserAdd(contextOf(program, io, options), name, options);
    });
  user
    .command("list")
    .description("list users")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const { runUserList } = await import("./user-commands.js");
      await runUserList(contextOf(program, io, options));
    });
}

function addTokenCommands(program: Command, io: CommandLineIo): void {
  const token = program
    .command("token")
    .description("manage tokens of a data folder, whether or not a server is running");
  token
    .command("create <user>")
    .description("create a token and print it once")
    .addOption(
      new Option("--scope <scope>", "the most it allows")
        .choices(["read", "write", "admin"])
        .default("write"),
    )
    .option("--label <text>", "what it is for", "")
    .option(
      "--expires <duration>",
      "how long it is valid, such as 90d (default: until revoked)",
      expiryOf,
    )
    .option("--json", "print JSON")
    .action(
      async (
        userName: string,
        options: { scope: Scope; label: string; expires?: number; json?: boolean },
      ) => {
        const { runTokenCreate } = await import("./token-commands.js");
        const { scope, label, expires } = options;
        await runTokenCreate(contextOf(program, io, options), userName, {
          scope,
          label,
          expiresInMs: expires,
        });
      },
    );
  token
    .command("list [user]")
    .description("list tokens without their secrets")
    .option("--json", "print JSON")
    .action(async (userName: string | undefined, options: { json?: boolean }) => {
      const { runTokenList } = await import("./token-commands.js");
      await runTokenList(contextOf(program, io, options), userName);
    });
  token
    .command("revoke <id>")
    .description("revoke a token immediately")
    .option("--json", "print JSON")
    .action(async (id: string, options: { json?: boolean }) => {
      const { runTokenRevoke } = await import("./token-commands.js");
      await runTokenRevoke(contextOf(program, io, options), id);
    });
}

function configOf(program: Command, io: CommandLineIo) {
  const { config, ...flags } = program.opts<Record<string, string | undefined>>();
  return readConfig({ configPath: config, flags, env: io.env });
}

function contextOf(
  program: Command,
  io: CommandLineIo,
  options: { readonly json?: boolean },
): CommandContext {
  return {
    config: configOf(program, io),
    print: (line) => io.stdout(`${line}\n`),
    note: (line) => io.stderr(`${line}\n`),
    isJson: options.json ?? false,
    nowMs: Date.now(),
  };
}

function expiryOf(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined || durationMs === 0) {
    throw new InvalidArgumentError("expected a duration such as 90s, 12h or 90d");
  }
  return durationMs;
}
