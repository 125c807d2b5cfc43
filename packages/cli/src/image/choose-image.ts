import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";

import { CliError } from "../errors/cli-error.js";
import type { RefArgument } from "../options/ref.js";

/** The meaning of an argument that can be a file or a ref. */
export type ImageChoice = (
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "ref"; readonly ref: RefArgument }
) & {
  /** Explains the choice if the argument is ambiguous. */
  readonly note?: string;
};

/**
 * Decides whether an argument is a file or a ref: text that starts with `library:` is a ref, text
 * that looks like a path or names an existing file is a file, and anything else is a ref if it is
 * valid as one.
 *
 * @throws {CliError} `file-not-found`, `not-a-file`, and `usage` for a ref with several tags
 * @throws {RefError} for text that starts with `library:` and is not a ref
 */
export async function chooseImage(text: string, cwd: string): Promise<ImageChoice> {
  if (text.startsWith(REF_START)) return { kind: "ref", ref: await parseRef(text) };
  const path = resolve(cwd, text);
  const stats = await statIfThere(path);
  const ref = looksLikePath(text) ? undefined : await refIfOne(text);
  if (stats?.isFile() === true) {
    if (ref === undefined) return { kind: "file", path };
    return { kind: "file", path, note: `reading the file ${text}, not the ref library://${text}` };
  }
  if (ref === undefined) throw notAFile(text, stats);
  return { kind: "ref", ref, note: `${text} is not a file here; reading library://${text}` };
}

const REF_START = "library:";

/** Whether text has the form of a path, which a ref never has. */
function looksLikePath(text: string): boolean {
  return isAbsolute(text) || /^\.{0,2}[\\/]|\.(?:sif|simg|img)$/i.test(text);
}

async function refIfOne(text: string): Promise<RefArgument | undefined> {
  const { isRefError } = await import("@sifshelf/protocol");
  try {
    return await parseRef(text);
  } catch (error) {
    if (isRefError(error)) return undefined;
    throw error;
  }
}

/** The code for refs takes time to load, and commands on files do not need it. */
async function parseRef(text: string): Promise<RefArgument> {
  const { parsePullRef } = await import("../options/ref.js");
  return parsePullRef(text);
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && ABSENT.has(error.code)) return undefined;
    throw error;
  }
}

const ABSENT: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

function notAFile(text: string, stats: Stats | undefined): CliError {
  if (stats !== undefined) return new CliError("not-a-file", `${text} is not a regular file`);
  return new CliError("file-not-found", `there is no file ${text}`, {
    next: "use the path of a file, or a ref like library://entity/collection/container[:tag]",
  });
}
