import type * as crypto from "node:crypto";
import type * as http from "node:http";
import type * as https from "node:https";
import type * as net from "node:net";
import type * as tls from "node:tls";
import type * as zlib from "node:zlib";

import { LibraryError } from "../errors/library-error.js";

/** Node's built-in modules that this package uses where available, without importing them. */
interface BuiltinModules {
  "node:crypto": typeof crypto;
  "node:http": typeof http;
  "node:https": typeof https;
  "node:net": typeof net;
  "node:tls": typeof tls;
  "node:zlib": typeof zlib;
}

/** Returns the built-in module with this name, undefined on platforms without it. */
export function platformModule<Name extends keyof BuiltinModules>(
  name: Name,
): BuiltinModules[Name] | undefined {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  return process?.getBuiltinModule?.(name);
}

/** Whether this is a page or a worker of a browser, whose `fetch` follows the rules of browsers. */
export function runsInBrowser(): boolean {
  return "document" in globalThis || "WorkerGlobalScope" in globalThis;
}

/**
 * Returns all bytes of a blob.
 *
 * @throws LibraryError `source-changed` when they cannot be read: a browser refuses to read a file
 *   that changed after the user chose it.
 */
export async function readBlob(blob: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const message =
      "the file was changed or removed, or can no longer be read; choose it again, and do not change it until it is pushed";
    throw new LibraryError("source-changed", message, { cause });
  }
}
