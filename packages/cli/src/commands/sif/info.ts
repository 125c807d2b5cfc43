import { readSif } from "@sifshelf/sif";
import { Command } from "commander";

import { type SifObjectJson, findObject, sifObjectJson } from "../../image/objects.js";
import { type CommandRun, createCommand } from "../../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { parseCommand } from "../../options/parse-command.js";
import { infoLines } from "../../image/sif-lines.js";
import { withImage } from "../../image/with-image.js";
import {
  type ObjectArgumentOptions,
  readObjectArguments,
  withImageArgument,
} from "./read-arguments.js";

/** What `sifshelf sif info --json` prints. */
export interface SifInfoJson {
  readonly ok: true;
  readonly object: SifObjectJson;
}

/** Arguments and options of `sif info`. */
export const defineSifInfo = (): Command =>
  withImageArgument(
    new Command("sif info")
      .description("Show the descriptor of an object.")
      .argument("<id>", "id of the object"),
  ).addHelpText("after", () => "\nExamples:\n  sifshelf sif info 1 alpine.sif");

/** Prints a descriptor. */
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
