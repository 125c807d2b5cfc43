import { deleteObjects } from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../../options/command-definition.js";
import { editImageFile } from "../../image/edit-image-file.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { type CommonOptions, readCommonOptions } from "../../options/common.js";
import { parseCommand } from "../../options/parse-command.js";
import { parseId } from "../../options/value-lists.js";

/** What `sifshelf sif delete --json` prints. */
export interface SifDeleteJson {
  readonly ok: true;
  /** The file as typed. */
  readonly path: string;
  /** Id of the object that was deleted. */
  readonly id: number;
}

/** Parsed arguments of `sif delete`. */
export interface SifDeleteOptions extends CommonOptions {
  readonly id: number;
  readonly file: string;
  readonly zero: boolean;
  readonly compact: boolean;
}

/** Arguments and options of `sif delete`. */
export const defineSifDelete = (): Command =>
  new Command("sif delete")
    .description(
      "Delete an object from an image. Its data stays in the file unless --zero or --compact removes it. Signatures over " +
        "it stay and no longer verify.",
    )
    .argument("<id>", "id of the object")
    .argument("<file>", "image to change")
    .option("--zero", "overwrite the data with zeros", false)
    .option("--compact", "truncate the file after the last remaining object", false)
    .addHelpText("after", () => "\nExamples:\n  sifshelf sif delete --compact 4 alpine.sif");

/** Reads the arguments of `sif delete`. */
export function parseSifDelete(argv: readonly string[]): SifDeleteOptions {
  const command = parseCommand(defineSifDelete(), argv);
  const [id = "", file = ""] = command.args;
  const { zero, compact } = command.opts<{ zero: boolean; compact: boolean }>();
  return { ...readCommonOptions(command), id: parseId(id), file, zero, compact };
}

/** Deletes an object. */
export async function runSifDelete(
  { id, file, zero, compact }: SifDeleteOptions,
  { context, output }: CommandRun,
): Promise<ExitCode> {
  const { signal } = context;
  await editImageFile(file, context, (store) =>
    deleteObjects(store, (object) => object.id === id, { zero, compact, signal }),
  );
  const json: SifDeleteJson = { ok: true, path: file, id };
  await output.result(json, [`deleted object ${id} from ${file}`]);
  return EXIT_CODES.ok;
}

/** The `sif delete` command. */
export const sifDeleteCommand = createCommand({
  define: defineSifDelete,
  parse: parseSifDelete,
  run: runSifDelete,
});
