import { readSif } from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../../command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../exit-codes.js";
import { parseCommand } from "../../options/parse-command.js";
import { listLines } from "../../output/sif-lines.js";
import type { SifListJson } from "../../results/sif-list-json.js";
import { sifObjectJson } from "../../results/sif-object-json.js";
import { type ImageArgumentOptions, withImage } from "../../with-image.js";
import { readImageArgument, withImageArgument } from "./read-arguments.js";

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
