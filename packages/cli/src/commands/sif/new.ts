import { createSif, type CreateSifOptions, readSif } from "@sifshelf/sif";
import { createSifFile, openFileByteSource, openFileSifStore } from "@sifshelf/sif/node";
import { Command } from "commander";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";

import { CliError } from "../../errors/cli-error.js";
import { type CommandRun, createCommand } from "../../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { refusingExisting, checkOutputPath } from "../../files/output-file.js";
import { type CommonOptions, readCommonOptions } from "../../options/common.js";
import { parseCommand } from "../../options/parse-command.js";

/** What `sifshelf sif new --json` prints. */
export interface SifNewJson {
  readonly ok: true;
  /** The file as typed. */
  readonly path: string;
  /** UUID; all zeros if the image has none. */
  readonly uuid: string;
}

/** Parsed arguments of `sif new`. */
export interface SifNewOptions extends CommonOptions {
  readonly file: string;
  readonly force: boolean;
  readonly image: CreateSifOptions;
}

/** Arguments and options of `sif new`. */
export const defineSifNew = (): Command =>
  new Command("sif new")
    .description("Create an empty image file.")
    .argument("<file>", "file to create")
    .option("--launch-script <text>", "first line of the file, which runs it, for example #!…")
    .option("--id <uuid>", "UUID of the image; default: random")
    .option("--deterministic", "no UUID and no times", false)
    .option("--capacity <count>", "maximum number of objects (default: 48)")
    .option("-f, --force", "replace an existing file", false)
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf sif new image.sif
  sifshelf sif new --deterministic --launch-script '#!/usr/bin/env run-singularity' image.sif
`;

/** Reads the arguments of `sif new`. */
export function parseSifNew(argv: readonly string[]): SifNewOptions {
  const command = parseCommand(defineSifNew(), argv);
  const { launchScript, id, deterministic, capacity, force } = command.opts<{
    launchScript?: string;
    id?: string;
    deterministic: boolean;
    capacity?: string;
    force: boolean;
  }>();
  return {
    ...readCommonOptions(command),
    file: command.args[0] ?? "",
    force,
    image: {
      deterministic,
      ...(launchScript === undefined ? {} : { launchScript: asLine(launchScript) }),
      ...(id === undefined ? {} : { id }),
      ...(capacity === undefined ? {} : { capacity: parseCapacity(capacity) }),
    },
  };
}

/** The kernel reads a launch script up to the end of the line. */
function asLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function parseCapacity(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CliError("usage", `"${text}" is not a number of objects`);
}

/** Creates an image file. */
export async function runSifNew(
  { file, force, image }: SifNewOptions,
  { context, output }: CommandRun,
): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  await checkOutputPath(path);
  if (force) await createSifFile(path, image);
  else await createFirst(path, image);
  const json: SifNewJson = { ok: true, path: file, uuid: await uuidOf(path) };
  await output.result(json, [`created ${file}`]);
  return EXIT_CODES.ok;
}

async function createFirst(path: string, image: CreateSifOptions): Promise<void> {
  const store = await refusingExisting(path, () => openFileSifStore(path, "wx+", 0o755));
  try {
    await createSif(store, image);
    await store.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await store.close();
  }
}

async function uuidOf(path: string): Promise<string> {
  const source = await openFileByteSource(path);
  try {
    return (await readSif(source)).header.id;
  } finally {
    await source.close();
  }
}

/** The `sif new` command. */
export const sifNewCommand = createCommand({
  define: defineSifNew,
  parse: parseSifNew,
  run: runSifNew,
});
