import { setPrimaryPartition } from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../../options/command-definition.js";
import { editImageFile } from "../../image/edit-image-file.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { type CommonOptions, readCommonOptions } from "../../options/common.js";
import { parseCommand } from "../../options/parse-command.js";
import { parseId } from "../../options/value-lists.js";

/** What `sifshelf sif setprim --json` prints. */
export interface SifSetprimJson {
  readonly ok: true;
  /** The file as typed. */
  readonly path: string;
  /** Id of the new primary partition. */
  readonly id: number;
  /** Go name of the image's new arch. */
  readonly arch: string;
}

/** Parsed arguments of `sif setprim`. */
export interface SifSetprimOptions extends CommonOptions {
  readonly id: number;
  readonly file: string;
}

/** Arguments and options of `sif setprim`. */
export const defineSifSetprim = (): Command =>
  new Command("sif setprim")
    .description(
      "Make a system partition the primary one; the previous one becomes a system partition. Signatures over either " +
        "are no longer valid.",
    )
    .argument("<id>", "id of the partition")
    .argument("<file>", "image to change")
    .addHelpText("after", () => "\nExamples:\n  sifshelf sif setprim 2 alpine.sif");

/** Reads the arguments of `sif setprim`. */
export function parseSifSetprim(argv: readonly string[]): SifSetprimOptions {
  const command = parseCommand(defineSifSetprim(), argv);
  const [id = "", file = ""] = command.args;
  return { ...readCommonOptions(command), id: parseId(id), file };
}

/** Makes a partition the primary one. */
export async function runSifSetprim(
  { id, file }: SifSetprimOptions,
  { context, output }: CommandRun,
): Promise<ExitCode> {
  const { signal } = context;
  const image = await editImageFile(file, context, (store) =>
    setPrimaryPartition(store, id, { signal }),
  );
  const json: SifSetprimJson = { ok: true, path: file, id, arch: image.header.arch };
  await output.result(json, [`partition ${id} of ${file} is primary (${json.arch})`]);
  return EXIT_CODES.ok;
}

/** The `sif setprim` command. */
export const sifSetprimCommand = createCommand({
  define: defineSifSetprim,
  parse: parseSifSetprim,
  run: runSifSetprim,
});
