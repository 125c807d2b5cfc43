import { openSync, readSync, closeSync } from "node:fs";

import { TomlError, parse } from "smol-toml";

import { ConfigError } from "./config-error.js";

// There are about twenty settings.
const MAX_FILE_BYTES = 64 * 1024;

/**
 * Returns the entries of a TOML file.
 *
 * @throws ConfigError if the file cannot be read, is larger than 64 KiB or is not TOML.
 */
export function readConfigFile(path: string): Readonly<Record<string, unknown>> {
  try {
    return parse(readBoundedText(path));
  } catch (error) {
    if (error instanceof TomlError) {
      throw new ConfigError([
        { source: path, key: `line ${error.line}`, message: "is not valid TOML" },
      ]);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ source: path, key: "file", message: `cannot be read (${reason})` }]);
  }
}

function readBoundedText(path: string): string {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < buffer.length; length += count) {
      count = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_FILE_BYTES) throw new RangeError(`is larger than ${MAX_FILE_BYTES} bytes`);
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
}
