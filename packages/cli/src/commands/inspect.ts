import { Command } from "commander";

import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { inspectImage } from "../image/inspect-image.js";
import { readCommonOptions } from "../options/common.js";
import { parseCommand } from "../options/parse-command.js";
import {
  inspectLines,
  type InspectPart,
  PART_NAMES,
  selectedLines,
} from "../image/inspect-lines.js";
import type { InspectJson } from "../image/inspect-image.js";
import { type ImageArgumentOptions, withImage } from "../image/with-image.js";

/** Parsed arguments of `inspect`. */
export interface InspectOptions extends ImageArgumentOptions {
  /** Sections to print as text; all if empty. */
  readonly parts: readonly InspectPart[];
}

/** Arguments and options of `inspect`. */
export const defineInspect = (): Command =>
  new Command("inspect")
    .description(
      "Show an image's header, objects, signatures (without verifying them), labels, scripts and definition file.\n" +
        "From an image in a library, only what is shown is fetched. With --json everything is printed.",
    )
    .argument("<image>", "file, or [library://[host/]][entity/[collection/]]container[:tag|:hash]")
    .option("--objects", "only the objects", false)
    .option("--labels", "only the labels", false)
    .option("--runscript", "only the run script", false)
    .option("--deffile", "only the definition file", false)
    .option("--arch <arch>", "arch of the image in a library, if not this machine's")
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf inspect alpine.sif
  sifshelf inspect --deffile library://alice/images/alpine:3.18
  sifshelf inspect --json ./alpine.sif | jq .labels
`;

/** Reads the arguments of `inspect`. */
export function parseInspect(argv: readonly string[]): InspectOptions {
  const command = parseCommand(defineInspect(), argv);
  const values = command.opts<{ arch?: string } & Record<InspectPart, boolean>>();
  const parts = (["objects", "labels", "runscript", "deffile"] as const).filter(
    (part) => values[part],
  );
  return {
    ...readCommonOptions(command),
    image: command.args[0] ?? "",
    ...(values.arch === undefined ? {} : { arch: values.arch }),
    parts,
  };
}

/** Prints an image's own description: header, objects, documents. */
export async function runInspect(options: InspectOptions, run: CommandRun): Promise<ExitCode> {
  const { parts } = options;
  const { signal } = run.context;
  const inspected = await withImage(options, run, (opened) => inspectImage(opened, signal));
  const lines = parts.length === 0 ? inspectLines(inspected) : selectedLines(inspected, parts);
  for (const part of parts.filter((one) => isAbsent(inspected.json, one))) {
    run.output.note(`the image has no ${PART_NAMES[part]}`);
  }
  await run.output.result(inspected.json, lines);
  return EXIT_CODES.ok;
}

function isAbsent(json: InspectJson, part: InspectPart): boolean {
  if (part === "objects") return json.objects === 0;
  return part === "labels" ? Object.keys(json.labels).length === 0 : json[part] === null;
}

/** The `inspect` command. */
export const inspectCommand = createCommand({
  define: defineInspect,
  parse: parseInspect,
  run: runInspect,
});
