import type { LibraryClient } from "@sifshelf/client";
import { type PulledFile, pullToFile } from "@sifshelf/client/node";
import { Command } from "commander";
import { resolve } from "node:path";

import { CliError } from "../errors/cli-error.js";
import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { openLibrary } from "../library/open-library.js";
import { parseArch } from "../options/arch.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { downloadSettings } from "../options/download-settings.js";
import { progressOption, progressStyle } from "../options/progress.js";
import { parseCommand, usageError } from "../options/parse-command.js";
import { parsePullRef, type RefArgument, refLabel, tagged } from "../options/ref.js";
import { outputName, checkOutputPath } from "../files/output-file.js";
import { createProgress, type ProgressStyle } from "../output/progress.js";
import { formatBytes } from "../output/text.js";
import { pullToStream } from "../files/pull-to-stream.js";

/** What `sifshelf pull --json` prints. */
export interface PullJson {
  readonly ok: true;
  /** Ref that was pulled, expanded to three names, without host. */
  readonly ref: string;
  /** Base URL of the library. */
  readonly library: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Image hash, `sha256.<hex>`, verified against the file's bytes. */
  readonly hash: string;
  readonly arch: string | null;
  readonly sizeBytes: number;
  /** Whether bytes were fetched; false if the file existed with the right content. */
  readonly transferred: boolean;
  /** Bytes that arrived damaged and were fetched again. */
  readonly repairedBytes: number;
}

/** Parsed arguments of `pull`. */
export interface PullOptions extends CommonOptions {
  readonly ref: RefArgument;
  /** Go name; default: this machine's. */
  readonly arch?: string;
  /** File name, or `-` for standard output; default: derived from the ref. */
  readonly file?: string;
  readonly force: boolean;
  readonly progress?: ProgressStyle;
}

/** The output name that means standard output. */
const STDOUT_NAME = "-";

/** Arguments and options of `pull`. */
export const definePull = (): Command =>
  new Command("pull")
    .description(
      "Fetch an image and verify its SHA-256. The file appears under its name only when it is right;\n" +
        "nothing is fetched when it is there already.",
    )
    .argument("<ref>", "[library://[host/]][entity/[collection/]]container[:tag|:hash]")
    .option("--arch <arch>", "arch of the image, if not this machine's")
    .option(
      "-o, --output <file>",
      "file to write, - for standard output (default: container_tag.sif)",
    )
    .option("-f, --force", "replace an existing file", false)
    .addOption(progressOption())
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf pull library://alice/images/alpine:3.18
  sifshelf pull --arch arm64 -o alpine-arm.sif alice/images/alpine
  sifshelf pull -o - library://library.example.org/alice/images/alpine | sha256sum
`;

/** Reads the arguments of `pull`. */
export function parsePull(argv: readonly string[]): PullOptions {
  const command = parseCommand(definePull(), argv);
  const common = readCommonOptions(command);
  const { arch, output, force, progress } = command.opts<{
    arch?: string;
    output?: string;
    force: boolean;
    progress?: ProgressStyle;
  }>();
  if (output === "") throw usageError(command, "the value of --output is empty");
  if (output === STDOUT_NAME && common.json) {
    throw usageError(command, "--json and --output - both use standard output");
  }
  return {
    ...common,
    ref: parsePullRef(command.args[0] ?? ""),
    ...(arch === undefined ? {} : { arch: parseArch(arch) }),
    ...(output === undefined ? {} : { file: output }),
    force,
    ...(progress === undefined ? {} : { progress }),
  };
}

/** Pulls an image into a file or to standard output. */
export async function runPull(options: PullOptions, run: CommandRun): Promise<ExitCode> {
  return options.file === STDOUT_NAME ? pullToStdout(options, run) : pullIntoFile(options, run);
}

async function pullIntoFile(options: PullOptions, run: CommandRun): Promise<ExitCode> {
  const { context, output } = run;
  const path = resolve(context.cwd, options.file ?? outputName(options.ref));
  await checkOutputPath(path);
  const { client, library } = await openLibrary(options, run, options.ref.host);
  const pulled = await pull(client, path, { options, run });
  const json: PullJson = {
    ok: true,
    ref: refLabel(options.ref),
    library: library.baseUrl,
    path: pulled.path,
    hash: pulled.image.hash,
    arch: pulled.image.arch ?? null,
    sizeBytes: pulled.sizeBytes,
    transferred: pulled.transferred,
    repairedBytes: pulled.repairedBytes,
  };
  await output.result(json, [textOf(json)]);
  return EXIT_CODES.ok;
}

async function pullToStdout(options: PullOptions, run: CommandRun): Promise<ExitCode> {
  const { context } = run;
  if (context.stdout.isTTY === true) {
    throw new CliError("usage", "standard output is a terminal, and an image is binary", {
      next: "redirect the output to a pipe or a file, or choose a file with -o",
    });
  }
  const { client } = await openLibrary(options, run, options.ref.host);
  await pullToStream(context.stdout, context, (path) => pull(client, path, { options, run }));
  return EXIT_CODES.ok;
}

async function pull(
  client: LibraryClient,
  path: string,
  { options, run: { context } }: { readonly options: PullOptions; readonly run: CommandRun },
): Promise<PulledFile> {
  const { env, nowMs, signal, stderr: stream } = context;
  const style = progressStyle(options.progress, options.quiet);
  const display = createProgress("receiving", { stream, style, env, nowMs });
  try {
    return await pullToFile(
      client,
      { ref: tagged(options.ref), path },
      {
        arch: options.arch ?? context.arch,
        ...downloadSettings(env),
        force: options.force,
        progress: display.update,
        signal,
      },
    );
  } finally {
    display.end();
  }
}

function textOf({ ref, path, hash, sizeBytes, transferred, repairedBytes }: PullJson): string {
  const repaired =
    repairedBytes === 0 ? "" : `, ${formatBytes(repairedBytes)} damaged in transit and repaired`;
  const what = `${formatBytes(sizeBytes)}, ${hash}${repaired}`;
  return transferred
    ? `pulled ${ref} to ${path} (${what})`
    : `${path} already is ${ref}, nothing fetched (${what})`;
}

/** The `pull` command. */
export const pullCommand = createCommand({ define: definePull, parse: parsePull, run: runPull });
