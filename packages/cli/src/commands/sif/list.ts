import { readSif } from "@sifshelf/sif";
import { Command } from "commander";

import { type SifObjectJson, sifObjectJson } from "../../image/objects.js";
import { type CommandRun, createCommand } from "../../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { parseCommand } from "../../options/parse-command.js";
import { listLines } from "../../image/sif-lines.js";
import { type ImageArgumentOptions, withImage } from "../../image/with-image.js";
import { readImageArgument, withImageArgument } from "./read-arguments.js";

/** What `sifshelf sif list --json` prints. */
export interface SifListJson {
  readonly ok: true;
  /** In the order of the descriptor table. */
  readonly objects: readonly SifObjectJson[];
}

/** Arguments and options of `sif list`. */
export const defineSifList = (): Command =>
  withImageArgument(
    new Command("sif list").description("List the objects of an image, in table order."),
  ).addHelpText("after", () => "\nExamples:\n  sifshelf sif list alpine.sif");

/** Prints the objects of an image. */
export async function runSifList(
  options: ImageArgumentOptions,
  run: CommandRun,
): Promise<ExitCode> {
  const { signal } = run.context;
  const image = await withImage(options, run, ({ source }) => readSif(source, { signal }));
  const json: SifListJson = { ok: true, objects: image.descriptors.map(sifObjectJson) };
  await run.output.result(json, listLines(image.descriptors));
  return EXIT_CODES.ok;
}

/** The `sif list` command. */
export const sifListCommand = createCommand({
  define: defineSifList,
  parse: (argv) => readImageArgument(parseCommand(defineSifList(), argv)),
  run: runSifList,
});
