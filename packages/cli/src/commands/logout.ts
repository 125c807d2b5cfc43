import { Command } from "commander";

import { type CommandRun, createCommand } from "../options/command-definition.js";
import { readConfig, writeConfig } from "../config/config-file.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { libraryUrlText } from "../library/library-url.js";
import { parseCommand, usageError } from "../options/parse-command.js";
import { configuredLibrary, noLibrary } from "../library/resolve-library.js";

/** What `sifshelf logout --json` prints. */
export interface LogoutJson {
  readonly ok: true;
  /** Base URL of the library. */
  readonly library: string;
  /** Whether there was a token. */
  readonly removed: boolean;
}

/** Parsed arguments of `logout`; `library` is the argument or the option. */
export type LogoutOptions = CommonOptions;

/** Arguments and options of `logout`. */
export const defineLogout = (): Command =>
  new Command("logout")
    .description(
      "Forget the token that is kept for a library: the named one, else that of SIFSHELF_LIBRARY,\n" +
        "else the default one. The token itself stays valid until the library revokes it.",
    )
    .argument("[url]", "base URL of the library")
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf logout
  sifshelf logout https://library.example.org
`;

/** Reads the arguments of `logout`. */
export function parseLogout(argv: readonly string[]): LogoutOptions {
  const command = parseCommand(defineLogout(), argv);
  const common = readCommonOptions(command);
  const url = command.args[0];
  if (url === undefined) return common;
  if (common.library !== undefined) {
    throw usageError(command, "the library is named twice: as argument and with --library");
  }
  return { ...common, library: url };
}

/** Removes a stored token. Succeeds if there is none. */
export async function runLogout(options: LogoutOptions, run: CommandRun): Promise<ExitCode> {
  const { context, output } = run;
  const config = await readConfig(context);
  const named = configuredLibrary(options.library, context, config);
  if (named === undefined) throw noLibrary();
  const { [named.url.origin]: stored, ...libraries } = config.libraries;
  const removed = stored !== undefined;
  if (removed) await writeConfig(context, { ...config, libraries });
  if ((context.env["SIFSHELF_TOKEN"] ?? "") !== "") {
    output.warn("SIFSHELF_TOKEN is set and will still be used");
  }
  const library = libraryUrlText(named.url);
  const json: LogoutJson = { ok: true, library, removed };
  await output.result(json, [
    removed ? `logged out of ${library}` : `there was no token for ${library}`,
  ]);
  return EXIT_CODES.ok;
}

/** The `logout` command. */
export const logoutCommand = createCommand({
  define: defineLogout,
  parse: parseLogout,
  run: runLogout,
});
