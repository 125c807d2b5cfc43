import { Command } from "commander";

import { CliError } from "../errors/cli-error.js";
import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { type OpenLibrary, openLibrary } from "../library/open-library.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { parseCommand } from "../options/parse-command.js";

/** What `sifshelf version --json` prints. */
export interface VersionJson {
  readonly ok: true;
  /** Version of `sifshelf`. */
  readonly version: string;
  /** What the library reported; `null` if no library given. */
  readonly library: {
    /** Base URL of the library. */
    readonly url: string;
    readonly version: string;
    readonly apiVersion: string;
  } | null;
}

/** Parsed arguments of `version`. */
export type VersionOptions = CommonOptions;

/** Arguments and options of `version`. */
export const defineVersion = (): Command =>
  new Command("version")
    .description(
      "Print the version of sifshelf and, if a library is named or configured, the version of the library.",
    )
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf version
  sifshelf version --library https://library.example.org
`;

/** Reads the arguments of `version`. */
export function parseVersion(argv: readonly string[]): VersionOptions {
  return readCommonOptions(parseCommand(defineVersion(), argv));
}

/** Prints both versions; without a library only that of `sifshelf`. */
export async function runVersion(options: VersionOptions, run: CommandRun): Promise<ExitCode> {
  const library = await askLibrary(await openIfNamed(options, run), run);
  const json: VersionJson = { ok: true, version: run.context.version, library };
  const lines = [`sifshelf ${json.version}`];
  if (library !== null) {
    lines.push(`library ${library.version} (API ${library.apiVersion}) at ${library.url}`);
  }
  await run.output.result(json, lines);
  return EXIT_CODES.ok;
}

async function openIfNamed(
  options: VersionOptions,
  run: CommandRun,
): Promise<OpenLibrary | undefined> {
  try {
    return await openLibrary(options, run);
  } catch (error) {
    if (error instanceof CliError && error.code === "no-library") return undefined;
    throw error;
  }
}

async function askLibrary(
  opened: OpenLibrary | undefined,
  { context: { signal } }: CommandRun,
): Promise<VersionJson["library"]> {
  if (opened === undefined) return null;
  const { version, apiVersion } = await opened.client.getVersion({ signal });
  return { url: opened.library.baseUrl, version, apiVersion };
}

/** The `version` command. */
export const versionCommand = createCommand({
  define: defineVersion,
  parse: parseVersion,
  run: runVersion,
});
