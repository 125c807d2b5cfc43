import { readSif } from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../../command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../exit-codes.js";
import { findObject } from "../../find-object.js";
import { parseCommand } from "../../options/parse-command.js";
import { infoLines } from "../../output/sif-lines.js";
import type { SifInfoJson } from "../../results/sif-info-json.js";
import { sifObjectJson } from "../../results/sif-object-json.js";
import { withImage } from "../../with-image.js";
import {
  type ObjectArgumentOptions,
  readObjectArguments,
  withImageArgument,
} from "./read-arguments.js";

/** Arguments and options of `sif info`. */
export const defineSifInfo = (): Command =>
  withImageArgument(
    new Command("sif info")
      .description("Show what the descriptor of an object says.")
      .argument("<id>", "id of the object"),
  ).addHelpText("after", () => "\nExamples:\n  sifshelf sif info 1 alpine.sif");

/** Prints what a descriptor says. */
export async function runSifInfo(
  options: ObjectArgumentOptions,
  run: CommandRun,
): Promise<ExitCode> {
  const { signal } = run.context;
  const image = await withImage(options, run, ({ source }) => readSif(source, { signal }));
  const descriptor = findObject(image, options.id);
  const json: SifInfoJson = { ok: true, object: sifObjectJson(descriptor) };
  await run.output.result(json, infoLines(descriptor));
  return EXIT_CODES.ok;
}

/** The `sif info` command. */
export const sifInfoCommand = createCommand({
  define: defineSifInfo,
  parse: (argv) => readObjectArguments(parseCommand(defineSifInfo(), argv)),
  run: runSifInfo,
});
