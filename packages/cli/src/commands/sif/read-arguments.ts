import type { Command } from "commander";

import { readCommonOptions } from "../../options/common.js";
import { parseId } from "../../options/value-lists.js";
import type { ImageArgumentOptions } from "../../image/with-image.js";

/** Parsed arguments of a command that reads one object of an image. */
export interface ObjectArgumentOptions extends ImageArgumentOptions {
  /** The object's id. */
  readonly id: number;
}

/** Adds the image to read as a command's last argument. */
export function withImageArgument(command: Command): Command {
  return command
    .argument("<image>", "file, or [library://[host/]][entity/[collection/]]container[:tag|:hash]")
    .option("--arch <arch>", "arch of the image in a library, if not this machine's");
}

/** Reads the arguments of a command whose only argument is an image. */
export function readImageArgument(command: Command): ImageArgumentOptions {
  return { ...readCommonOptions(command), ...imageAt(command, 0) };
}

/** Reads the arguments of a command with an object's id before the image. */
export function readObjectArguments(command: Command): ObjectArgumentOptions {
  const id = parseId(command.args[0] ?? "");
  return { ...readCommonOptions(command), id, ...imageAt(command, 1) };
}

function imageAt(command: Command, index: number): Pick<ImageArgumentOptions, "image" | "arch"> {
  const { arch } = command.opts<{ arch?: string }>();
  return {
    image: command.args[index] ?? "",
    ...(arch === undefined ? {} : { arch }),
  };
}
