import { addObject, type ByteSource, type SifDescriptor } from "@sifshelf/sif";
import { openFileByteSource } from "@sifshelf/sif/node";
import { Command } from "commander";
import { resolve } from "node:path";

import { type SifObjectJson, sifObjectJson } from "../../image/objects.js";
import { type CommandRun, createCommand } from "../../options/command-definition.js";
import type { CliContext } from "../../context/context.js";
import { editImageFile } from "../../image/edit-image-file.js";
import { EXIT_CODES, type ExitCode } from "../../errors/exit-codes.js";
import { type CommonOptions, readCommonOptions } from "../../options/common.js";
import {
  type ObjectInput,
  objectInputFrom,
  type ObjectValues,
} from "../../options/object-input.js";
import { parseCommand } from "../../options/parse-command.js";

/** What `sifshelf sif add --json` prints. */
export interface SifAddJson {
  readonly ok: true;
  /** The file as typed. */
  readonly path: string;
  /** The object that was added. */
  readonly object: SifObjectJson;
}

/** Parsed arguments of `sif add`. */
export interface SifAddOptions extends CommonOptions {
  readonly file: string;
  /** File with the object's data. */
  readonly data: string;
  readonly object: ObjectInput;
}

/** Arguments and options of `sif add`. */
export const defineSifAdd = (): Command =>
  new Command("sif add")
    .description(
      "Add an object to an image. Where siftool has numbers, names are understood too. An object without a group cannot " +
        "be signed: name one with --groupid.",
    )
    .argument("<file>", "image to change")
    .argument("<object>", "file with the data of the object")
    .option("--datatype <type>", "1-deffile, 4-partition, 5-signature, 6-genericjson, 7-generic, …")
    .option("--parttype <type>", "of a partition: 1-system, 2-primsys, 3-data, 4-overlay")
    .option("--partfs <type>", "of a partition: 1-squashfs, 2-ext3, 3-archive, 4-raw, …")
    .option("--partarch <arch>", "of a partition: Go name, or 1-386, 2-amd64, 3-arm, 4-arm64, …")
    .option("--signhash <hash>", "of a signature: 1-sha256, 2-sha384, 3-sha512, …")
    .option("--signentity <fingerprint>", "of a signature: fingerprint of the signer's PGP key")
    .option("--sbomformat <format>", "of an SBOM: cyclonedx-json, spdx-json, syft-json, …")
    .option("--groupid <id>", "group that it is in (default: none)")
    .option("--link <id>", "object that it belongs to (default: none)")
    .option("--alignment <bytes>", "alignment of its data (default: 4096 for partitions)")
    .option("--filename <name>", "name in the image (default: none)")
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf sif add image.sif recipe.def --datatype deffile --groupid 1
  sifshelf sif add image.sif rootfs.squashfs --datatype 4 --parttype 2 --partfs 1 --partarch amd64 --groupid 1
`;

/** Reads the arguments of `sif add`. */
export function parseSifAdd(argv: readonly string[]): SifAddOptions {
  const command = parseCommand(defineSifAdd(), argv);
  const [file = "", data = ""] = command.args;
  const object = objectInputFrom(command.opts<ObjectValues>());
  return { ...readCommonOptions(command), file, data, object };
}

/** Adds an object. */
export async function runSifAdd(
  options: SifAddOptions,
  { context, output }: CommandRun,
): Promise<ExitCode> {
  const source = await openFileByteSource(resolve(context.cwd, options.data));
  try {
    const added = await addTo(options, source, context);
    const json: SifAddJson = { ok: true, path: options.file, object: sifObjectJson(added) };
    const line = `added object ${added.id} (${added.typeName}, ${added.size} bytes) to ${options.file}`;
    await output.result(json, [line]);
    return EXIT_CODES.ok;
  } finally {
    await source.close();
  }
}

async function addTo(
  { file, object }: SifAddOptions,
  data: ByteSource,
  context: CliContext,
): Promise<SifDescriptor> {
  const { signal } = context;
  return editImageFile(file, context, async (store, before) => {
    const known = new Set(before.descriptors.map(({ index }) => index));
    const after = await addObject(store, { ...object, data }, { signal });
    const added = after.descriptors.find(({ index }) => !known.has(index));
    if (added === undefined) throw new TypeError("the object that was added is not in the image");
    return added;
  });
}

/** The `sif add` command. */
export const sifAddCommand = createCommand({
  define: defineSifAdd,
  parse: parseSifAdd,
  run: runSifAdd,
});
