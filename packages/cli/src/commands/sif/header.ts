import { readSif } from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../../command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../exit-codes.js";
import { parseCommand } from "../../options/parse-command.js";
import { headerLines } from "../../output/sif-lines.js";
import { sifHeaderJson } from "../../results/sif-header-json.js";
import { type ImageArgumentOptions, withImage } from "../../with-image.js";
import { readImageArgument, withImageArgument } from "./read-arguments.js";

/** Arguments and options of `sif header`. */
export const defineSifHeader = (): Command =>
  withImageArgument(
    new Command("sif header").description("Show the global header of an image."),
  ).addHelpText("after", () => "\nExamples:\n  sifshelf sif header alpine.sif");

/** Prints a header. */
export async function runSifHeader(
  options: ImageArgumentOptions,
  run: CommandRun,
): Promise<ExitCode> {
  const { signal } = run.context;
  const { header } = await withImage(options, run, ({ source }) => readSif(source, { signal }));
  await run.output.result(sifHeaderJson(header), headerLines(header));
  return EXIT_CODES.ok;
}

/** The `sif header` command. */
export const sifHeaderCommand = createCommand({
  define: defineSifHeader,
  parse: (argv) => readImageArgument(parseCommand(defineSifHeader(), argv)),
  run: runSifHeader,
});
