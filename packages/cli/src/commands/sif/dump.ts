import {
  DATA_CHUNK_BYTES,
  readChunks,
  readSif,
  type SifDescriptor,
  type SifImage,
} from "@sifshelf/sif";
import { Command } from "commander";
import { resolve } from "node:path";

import { CliError } from "../../errors/cli-error.js";
import { type CommandRun, createCommand } from "../../options/command-definition.js";
import type { CliContext } from "../../context/context.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { findObject } from "../../image/objects.js";
import { writeNewFile } from "../../files/output-file.js";
import { parseCommand, usageError } from "../../options/parse-command.js";
import { printableLine } from "../../output/text.js";
import { write } from "../../output/write.js";
import { withImage } from "../../image/with-image.js";
import {
  type ObjectArgumentOptions,
  readObjectArguments,
  withImageArgument,
} from "./read-arguments.js";

/** What `sifshelf sif dump --json` prints; `-o` is needed with it. */
export interface SifDumpJson {
  readonly ok: true;
  /** The file that was written, as typed. */
  readonly path: string;
  readonly id: number;
  readonly sizeBytes: number;
}

/** Parsed arguments of `sif dump`. */
export interface SifDumpOptions extends ObjectArgumentOptions {
  /** Default: standard output. */
  readonly file?: string;
  readonly force: boolean;
}

/** The output name that means standard output. */
const STDOUT_NAME = "-";

/** Arguments and options of `sif dump`. */
export const defineSifDump = (): Command =>
  withImageArgument(
    new Command("sif dump")
      .description(
        "Write the data of an object to standard output or to a file. On a terminal only text is shown, made printable.",
      )
      .argument("<id>", "id of the object"),
  )
    .option("-o, --output <file>", "file to write; the object's own name is never used")
    .option("-f, --force", "replace an existing file", false)
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf sif dump 1 alpine.sif
  sifshelf sif dump 3 -o rootfs.squashfs alpine.sif
`;

/** Reads the arguments of `sif dump`. */
export function parseSifDump(argv: readonly string[]): SifDumpOptions {
  const command = parseCommand(defineSifDump(), argv);
  const { output = STDOUT_NAME, force } = command.opts<{ output?: string; force: boolean }>();
  if (output === "") throw usageError(command, "the value of --output is empty");
  const options = { ...readObjectArguments(command), force };
  if (output !== STDOUT_NAME) return { ...options, file: output };
  if (options.json) throw usageError(command, "--json needs a file for the data: name one with -o");
  return options;
}

/** Writes the data of an object. */
export async function runSifDump(options: SifDumpOptions, run: CommandRun): Promise<ExitCode> {
  const { context, output } = run;
  const { id, file, force } = options;
  const descriptor = await withImage(options, run, async ({ source }) => {
    const image = await readSif(source, { signal: context.signal });
    const found = findObject(image, id);
    if (file === undefined) await dumpToStdout(image, found, context);
    else await dumpToFile(image, found, { path: resolve(context.cwd, file), force, context });
    return found;
  });
  if (file === undefined) return EXIT_CODES.ok;
  const json: SifDumpJson = { ok: true, path: file, id, sizeBytes: descriptor.size };
  await output.result(json, [`wrote ${descriptor.size} bytes of object ${id} to ${file}`]);
  return EXIT_CODES.ok;
}

interface DumpTarget {
  readonly path: string;
  readonly force: boolean;
  readonly context: CliContext;
}

function dumpToFile(
  image: SifImage,
  descriptor: SifDescriptor,
  { path, force, context: { signal } }: DumpTarget,
): Promise<void> {
  return writeNewFile(path, force, async (handle) => {
    for await (const chunk of readChunks(image.source, descriptor, { signal })) {
      await handle.writeFile(chunk);
    }
  });
}

async function dumpToStdout(
  image: SifImage,
  descriptor: SifDescriptor,
  { stdout, signal }: CliContext,
): Promise<void> {
  const chunks = readChunks(image.source, descriptor, { signal });
  if (stdout.isTTY !== true) {
    for await (const chunk of chunks) await write(stdout, chunk);
    return;
  }
  if (descriptor.size > DATA_CHUNK_BYTES) throw notForTerminals(descriptor);
  for await (const chunk of chunks) await write(stdout, textOf(chunk, descriptor));
}

/** Text that is safe to show on a terminal. */
function textOf(bytes: Uint8Array, descriptor: SifDescriptor): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notForTerminals(descriptor);
  }
  if (text.includes("\0")) throw notForTerminals(descriptor);
  return text.split("\n").map(printableLine).join("\n");
}

function notForTerminals({ id }: SifDescriptor): CliError {
  return new CliError("usage", `object ${id} is not text, which a terminal could show`, {
    next: "redirect the output to a pipe or a file, or choose a file with -o",
  });
}

/** The `sif dump` command. */
export const sifDumpCommand = createCommand({
  define: defineSifDump,
  parse: parseSifDump,
  run: runSifDump,
});
