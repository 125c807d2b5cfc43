import { isNotFound } from "@sifshelf/client";
import { Command } from "commander";

import { CliError } from "../errors/cli-error.js";
import { type CommandRun, createCommand } from "../options/command-definition.js";
import { configPath, readConfig, writeConfig } from "../config/config-file.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { networkOptions } from "../network/network-options.js";
import { createClient } from "../library/open-library.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { isExposed, libraryUrlText, parseLibraryUrl } from "../library/library-url.js";
import { parseCommand, usageError } from "../options/parse-command.js";
import { parseToken, readTokenFromStream } from "../library/token.js";

/** What `sifshelf login --json` prints. */
export interface LoginJson {
  readonly ok: true;
  /** Base URL of the library. */
  readonly library: string;
  /** Name of the token's user. */
  readonly username: string;
  /** Whether the library is the default now. */
  readonly isDefault: boolean;
}

/** Parsed arguments of `login`. */
export interface LoginOptions extends CommonOptions {
  readonly url: URL;
  /** Whether the token comes from standard input. */
  readonly tokenStdin: boolean;
  /** Whether the library becomes the default even if there is another. */
  readonly makeDefault: boolean;
}

/** Arguments and options of `login`. */
export const defineLogin = (): Command =>
  new Command("login")
    .description(
      "Check a token with a library and store it for that library only. The first library becomes the " +
        "default. The token is read from a prompt, without echo, or from standard input.",
    )
    .argument("<url>", "base URL of the library")
    .option("--token-stdin", "read the token from standard input", false)
    .option("--default", "make this library the default, even if there is another", false)
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf login https://library.example.org
  sifshelf login --token-stdin https://library.example.org < token.txt
`;

/** Reads the arguments of `login`. */
export function parseLogin(argv: readonly string[]): LoginOptions {
  const command = parseCommand(defineLogin(), argv);
  const common = readCommonOptions(command);
  const values = command.opts<{ tokenStdin: boolean; default: boolean }>();
  if (common.library !== undefined) {
    throw usageError(command, "login takes the library as its argument, not as --library");
  }
  const url = parseLibraryUrl(command.args[0] ?? "", "the argument");
  return { ...common, url, tokenStdin: values.tokenStdin, makeDefault: values.default };
}

/** Checks a token with its library, then stores it. */
export async function runLogin(options: LoginOptions, run: CommandRun): Promise<ExitCode> {
  const { context, output } = run;
  const { url } = options;
  if (isExposed(url)) {
    output.warn(`${url.origin} uses plain http: others on the network can read the token`);
  }
  const config = await readConfig(context);
  const token = await readToken(options, run);
  const library = libraryUrlText(url);
  const username = await identify({ library, token }, options, run);
  const isDefault = options.makeDefault || (config.defaultLibrary ?? library) === library;
  await writeConfig(context, {
    ...config,
    ...(isDefault ? { defaultLibrary: library } : {}),
    libraries: { ...config.libraries, [url.origin]: { token, username } },
  });
  if (!isDefault) output.note(`the default library is still ${config.defaultLibrary ?? ""}`);
  output.note(`the token is stored in ${configPath(context)}`);
  const json: LoginJson = { ok: true, library, username, isDefault };
  await output.result(json, [`logged in to ${library} as ${username}`]);
  return EXIT_CODES.ok;
}

async function readToken(
  { tokenStdin, url }: LoginOptions,
  { context }: CommandRun,
): Promise<string> {
  if (tokenStdin) {
    return parseToken(await readTokenFromStream(context.stdin, context.signal), "standard input");
  }
  if (context.stdin.isTTY !== true || context.stderr.isTTY !== true) {
    throw new CliError("no-terminal", "cannot ask for the token: there is no terminal", {
      next: "use --token-stdin and pipe the token in",
    });
  }
  return parseToken(await context.prompts.secret(`Token for ${url.origin}`), "the prompt");
}

/** The name of the token's user, as reported by the library. */
async function identify(
  { library: baseUrl, token }: { readonly library: string; readonly token: string },
  options: LoginOptions,
  run: CommandRun,
): Promise<string> {
  const { context } = run;
  const network = await networkOptions(options, context);
  const client = createClient({ baseUrl, token, network }, run);
  try {
    const { username } = await client.getIdentity({ signal: context.signal });
    if (username !== "") return username;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  throw new CliError("token-not-verified", `${baseUrl} does not report the user of this token`, {
    next: "check the URL; if the library does not report users, set SIFSHELF_TOKEN and SIFSHELF_LIBRARY",
  });
}

/** The `login` command. */
export const loginCommand = createCommand({
  define: defineLogin,
  parse: parseLogin,
  run: runLogin,
});
