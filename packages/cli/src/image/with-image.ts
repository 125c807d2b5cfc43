import type { ByteSource } from "@sifshelf/sif";

import type { CommandRun } from "../options/command-definition.js";
import { chooseImage } from "./choose-image.js";
import type { CommonOptions } from "../options/common.js";
import type { RefArgument } from "../options/ref.js";

/** Options of commands that read an image from a file or a library. */
export interface ImageArgumentOptions extends CommonOptions {
  /** A file, or a ref. */
  readonly image: string;
  /** Arch for refs, as typed; default: this machine's. */
  readonly arch?: string;
}

/** An image that is being read. */
export interface OpenedArgument {
  /** The file as typed, or the ref expanded to three names. */
  readonly label: string;
  readonly source: ByteSource;
}

/**
 * Opens the image that an argument names, calls `use`, and closes the image. From images in
 * libraries, only the ranges that are read are fetched.
 *
 * @throws what {@link chooseImage} and `use` throw, and errors of the file system or the library
 */
export async function withImage<Result>(
  options: ImageArgumentOptions,
  run: CommandRun,
  use: (opened: OpenedArgument) => Promise<Result>,
): Promise<Result> {
  const { context, output } = run;
  const choice = await chooseImage(options.image, context.cwd);
  if (choice.note !== undefined) output.note(choice.note);
  const { label, source } = await (choice.kind === "file"
    ? openFile(options.image, choice.path)
    : openRef(choice.ref, options, run));
  try {
    return await use({ label, source });
  } finally {
    await source.close();
  }
}

async function openFile(label: string, path: string) {
  const { openFileByteSource } = await import("@sifshelf/sif/node");
  return { label, source: await openFileByteSource(path) };
}

async function openRef(ref: RefArgument, options: ImageArgumentOptions, run: CommandRun) {
  const { openLibrary } = await import("../library/open-library.js");
  const { refLabel, tagged } = await import("../options/ref.js");
  const { parseArch } = await import("../options/arch.js");
  const { signal } = run.context;
  const arch = options.arch === undefined ? run.context.arch : parseArch(options.arch);
  const { client } = await openLibrary(options, run, ref.host);
  const source = await client.openImage(tagged(ref), { arch, signal });
  return { label: refLabel(ref), source };
}
