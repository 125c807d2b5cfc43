import { isKeyError, KeyError } from "@sifshelf/sif";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";

import type { CliContext } from "../context/context.js";
import { readStream } from "../files/read-stream.js";

/** Largest key file, in bytes; room for key rings. */
const MAX_KEY_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Reads a key file. Pipes are accepted, so that a shell can pass keys.
 *
 * @throws {KeyError} `key-malformed` when it is too large, and errors of the file system
 */
export async function readKeyFile(
  file: string,
  { cwd, signal }: Pick<CliContext, "cwd" | "signal">,
): Promise<Uint8Array> {
  const stream = createReadStream(resolve(cwd, file));
  const bytes = await readStream(stream, MAX_KEY_FILE_BYTES, signal);
  if (bytes !== undefined) return new Uint8Array(bytes);
  throw new KeyError("key-malformed", `${file} has more than ${MAX_KEY_FILE_BYTES} bytes`);
}

/** Runs `read` and adds the file's name to the key errors that it throws. */
export async function namingFile<Result>(
  file: string,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!isKeyError(error)) throw error;
    const found = error.message.replace(/^cannot use key: /, "");
    throw new KeyError(error.code, `${file}: ${found}`, { cause: error });
  }
}
