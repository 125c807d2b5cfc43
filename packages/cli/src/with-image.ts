import type { ByteSource } from "@sifshelf/sif";

import type { CommandRun } from "./command-definition.js";
import { chooseImage } from "./choose-image.js";
import { openLibrary } from "./open-library.js";
import type { CommonOptions } from "./options/common.js";
import { type RefArgument, refLabel, tagged } from "./options/ref.js";

/** Options of commands that read an image from a file or a library. */
export interface ImageArgumentOptions extends CommonOptions {
  /** A file, or a ref. */
  readonly image: string;
  /** Go name, for refs; this machine's if absent. */
  readonly arch?: string;
}

/** An image that is being read. */
export interface OpenedArgument {
  /** The file as it was typed, or the ref expanded to three names. */
  readonly label: string;
  readonly source: ByteSource;
}

/**
 * Opens the image that an argument stands for, lets `use` read it, and closes it. Of images in libraries only what is
 * read is fetched.
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
  const label = choice.kind === "file" ? options.image : refLabel(choice.ref);
  const source = await (choice.kind === "file"
    ? openFile(choice.path)
    : openRef(choice.ref, options, run));
  try {
    return await use({ label, source });
  } finally {
    await source.close();
  }
}

async function openFile(path: string) {
  const { openFileByteSource } = await import("@sifshelf/sif/node");
  return openFileByteSource(path);
}

async function openRef(ref: RefArgument, options: ImageArgumentOptions, run: CommandRun) {
  const { arch, signal } = run.context;
  const { client } = await openLibrary(options, run, ref.host);
  return client.openImage(tagged(ref), { arch: options.arch ?? arch, signal });
}
