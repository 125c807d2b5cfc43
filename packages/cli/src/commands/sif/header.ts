import { NIL_UUID, type SifHeader, UNKNOWN_ARCH, readSif } from "@sifshelf/sif";
import { Command } from "commander";

import { sifTimeJson } from "../../image/objects.js";
import { type CommandRun, createCommand } from "../../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { parseCommand } from "../../options/parse-command.js";
import { headerLines } from "../../image/sif-lines.js";
import { type ImageArgumentOptions, withImage } from "../../image/with-image.js";
import { readImageArgument, withImageArgument } from "./read-arguments.js";

/** What `sifshelf sif header --json` prints. */
export interface SifHeaderJson {
  readonly ok: true;
  readonly launchScript: string;
  /** Version of the format; always `01`. */
  readonly version: string;
  /** Go name of the arch that the header claims; `null` if none. */
  readonly arch: string | null;
  /** UUID; `null` if the image has none. */
  readonly uuid: string | null;
  /** RFC 3339; `null` for none. */
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  readonly descriptorsFree: number;
  readonly descriptorsTotal: number;
  /** In bytes, like the other offsets and sizes. */
  readonly descriptorsOffset: number;
  readonly descriptorsSize: number;
  readonly dataOffset: number;
  readonly dataSize: number;
}

/** The JSON of a header. */
export function sifHeaderJson(header: SifHeader): SifHeaderJson {
  const { launchScript, version, arch, id, createdAt, modifiedAt } = header;
  return {
    ok: true,
    launchScript,
    version,
    arch: arch === UNKNOWN_ARCH ? null : arch,
    uuid: id === NIL_UUID ? null : id,
    createdAt: sifTimeJson(createdAt),
    modifiedAt: sifTimeJson(modifiedAt),
    descriptorsFree: header.descriptorsFree,
    descriptorsTotal: header.descriptorsTotal,
    descriptorsOffset: header.descriptorsOffset,
    descriptorsSize: header.descriptorsSize,
    dataOffset: header.dataOffset,
    dataSize: header.dataSize,
  };
}

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
