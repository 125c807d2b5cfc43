import type { LibraryClient, UploadedImage } from "@sifshelf/client";
import { type FileSource, openFileSource } from "@sifshelf/client/node";
import { readSif, sifFacts, UNKNOWN_ARCH } from "@sifshelf/sif";
import { Command } from "commander";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";

import { CliError } from "../errors/cli-error.js";
import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { openLibrary } from "../library/open-library.js";
import { parseArch } from "../options/arch.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { progressOption, progressStyle } from "../options/progress.js";
import { parseCommand } from "../options/parse-command.js";
import { parsePushRef, type RefArgument, tagged } from "../options/ref.js";
import { createProgress, type ProgressStyle } from "../output/progress.js";
import { alignedFields, formatBytes } from "../output/text.js";

/** What `sifshelf push --json` prints. */
export interface PushJson {
  readonly ok: true;
  /** Ref that was pushed to, with its tags and without host. */
  readonly ref: string;
  /** Base URL of the library. */
  readonly library: string;
  /** Image hash, `sha256.<hex>` of the file. */
  readonly hash: string;
  readonly arch: string;
  readonly sizeBytes: number;
  /** Whether bytes were sent; false if the library had them. */
  readonly sent: boolean;
  /** Tags that were set. */
  readonly tags: readonly string[];
  /** Storage of the entity, if the library reports it; a `totalBytes` of 0 means unlimited. */
  readonly quota: { readonly usedBytes: number; readonly totalBytes: number } | null;
  /** Path of the container's page on the library's site, if the library reports it. */
  readonly containerUrl: string | null;
}

/** Parsed arguments of `push`. */
export interface PushOptions extends CommonOptions {
  readonly file: string;
  readonly ref: RefArgument;
  /** Go name; default: the arch that the SIF file states. */
  readonly arch?: string;
  readonly description: string;
  readonly isPrivate: boolean;
  readonly progress?: ProgressStyle;
}

/** Arguments and options of `push`. */
export const definePush = (): Command =>
  new Command("push")
    .description(
      "Send a SIF file to a library and set its tags. Bytes that the library already has are not sent.",
    )
    .argument("<file>", "SIF file to send")
    .argument(
      "<ref>",
      "[library://[host/]]entity/collection/container[:tag,…]; default tag: latest",
    )
    .option("--arch <arch>", "arch to tag it for, if not the one that the SIF file states")
    .option("-D, --description <text>", "description of the image", "")
    .option("--private", "create the container as private; fail if it exists and is public", false)
    .addOption(progressOption())
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf push alpine.sif library://alice/images/alpine:3.18,latest
  sifshelf push --library https://library.example.org alpine.sif alice/images/alpine
  sifshelf push --private -D "for the course" lab.sif alice/teaching/lab:2026
`;

/** Reads the arguments of `push`. */
export function parsePush(argv: readonly string[]): PushOptions {
  const command = parseCommand(definePush(), argv);
  const [file = "", ref = ""] = command.args;
  const values = command.opts<{
    arch?: string;
    description: string;
    private: boolean;
    progress?: ProgressStyle;
  }>();
  return {
    ...readCommonOptions(command),
    file,
    ref: parsePushRef(ref),
    ...(values.arch === undefined ? {} : { arch: parseArch(values.arch) }),
    description: values.description,
    isPrivate: values.private,
    ...(values.progress === undefined ? {} : { progress: values.progress }),
  };
}

/** Pushes a file and prints the result. */
export async function runPush(options: PushOptions, run: CommandRun): Promise<ExitCode> {
  const path = resolve(run.context.cwd, options.file);
  await checkFile(path);
  const source = await openFileSource(path);
  try {
    const arch = options.arch ?? (await archOfSif(source, path, run));
    const { client, library } = await openLibrary(options, run, options.ref.host);
    const uploaded = await upload(client, source, { options, arch, run });
    await run.output.result(
      ...report({ options, arch, uploaded, size: source.size, baseUrl: library.baseUrl }),
    );
    return EXIT_CODES.ok;
  } finally {
    await source.close();
  }
}

async function checkFile(path: string): Promise<void> {
  const stats = await stat(path);
  if (stats.isFile()) return;
  throw new CliError("not-a-file", `cannot push ${path}: it is not a regular file`);
}

async function archOfSif(
  source: FileSource,
  path: string,
  { context }: CommandRun,
): Promise<string> {
  const { primaryArch, arch: headerArch } = sifFacts(
    await readSif(source, { signal: context.signal }),
  );
  const arch = primaryArch ?? headerArch;
  if (arch !== UNKNOWN_ARCH) return arch;
  throw new CliError("arch-not-known", `${path} does not state an arch`, {
    next: "name it with --arch",
  });
}

interface Upload {
  readonly options: PushOptions;
  readonly arch: string;
  readonly run: CommandRun;
}

async function upload(
  client: LibraryClient,
  source: FileSource,
  { options, arch, run: { context } }: Upload,
): Promise<UploadedImage> {
  const { env, nowMs, signal, stderr: stream } = context;
  const style = progressStyle(options.progress, options.quiet);
  const display = createProgress("sending", { stream, style, env, nowMs });
  try {
    return await client.uploadImage(source, options.ref.path, {
      arch,
      tags: options.ref.tags,
      description: options.description,
      ...(options.isPrivate ? { private: true } : {}),
      progress: display.update,
      signal,
    });
  } finally {
    display.end();
  }
}

interface PushReport {
  readonly options: PushOptions;
  readonly arch: string;
  readonly uploaded: UploadedImage;
  readonly size: number;
  readonly baseUrl: string;
}

function report({ options, arch, uploaded, size, baseUrl }: PushReport): [PushJson, string[]] {
  const { image, uploaded: sent, tags, quota, containerUrl } = uploaded;
  const json: PushJson = {
    ok: true,
    ref: tagged(options.ref),
    library: baseUrl,
    hash: image.hash,
    arch,
    sizeBytes: size,
    sent,
    tags,
    quota:
      quota === undefined ? null : { usedBytes: quota.quotaUsage, totalBytes: quota.quotaTotal },
    containerUrl: containerUrl === undefined || containerUrl === "" ? null : containerUrl,
  };
  return [json, textOf(json)];
}

function textOf({
  ref,
  library,
  hash,
  arch,
  sizeBytes,
  sent,
  tags,
  quota,
  containerUrl,
}: PushJson) {
  const fields = alignedFields([
    ["image hash", hash],
    ["size", `${formatBytes(sizeBytes)} (${sizeBytes} bytes)`],
    ["arch", arch],
    ["tags", tags.join(", ")],
    ["sent", sent ? "all bytes" : "nothing: the library already has these bytes"],
    ["storage", quota === null ? undefined : quotaText(quota)],
    ["container", containerUrl ?? undefined],
    ["library", library],
  ]);
  return [`pushed library://${ref}`, ...fields];
}

function quotaText({ usedBytes, totalBytes }: NonNullable<PushJson["quota"]>): string {
  if (totalBytes === 0) return `using ${formatBytes(usedBytes)}, no quota`;
  const percent = ((usedBytes / totalBytes) * 100).toFixed(1);
  return `using ${formatBytes(usedBytes)} out of ${formatBytes(totalBytes)} quota (${percent}% used)`;
}

/** The `push` command. */
export const pushCommand = createCommand({ define: definePush, parse: parsePush, run: runPush });
