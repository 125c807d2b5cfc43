import { type Command, Option } from "commander";

import { CA_FILE_FLAG, LIBRARY_FLAG } from "./split-arguments.js";
import type { OutputOptions } from "../output/output.js";

/** Options of every command. */
export interface CommonOptions extends OutputOptions {
  /** Base URL of the library, as typed. */
  readonly library?: string;
  /** Whether a host in a ref is reached by https; false with `--no-https`. */
  readonly httpsRefs: boolean;
  /** File of certificates to trust in addition to the default ones, as typed. */
  readonly caFile?: string;
}

/** The heading of the common options in a command's help. */
const COMMON_HEADING = "Common options:";

/**
 * All common options, as commander declares them. A function, because commander keeps state in its
 * options.
 */
export const commonOptions = (): Option[] =>
  [
    new Option(`${LIBRARY_FLAG} <url>`, "base URL of the library (environment: SIFSHELF_LIBRARY)"),
    new Option("--no-https", "use plain http for a ref that names a host"),
    new Option(`${CA_FILE_FLAG} <file>`, "also trust the certificates in this PEM file"),
    new Option("--json", "print the result, or the error, as one line of JSON").default(false),
    new Option("-q, --quiet", "no progress and no notes").default(false),
    new Option("-v, --verbose", "trace requests on standard error").default(false),
    new Option("--no-color", "no colours (environment: NO_COLOR)"),
  ].map((option) => option.helpGroup(COMMON_HEADING));

/** Reads the common options from a parsed command. */
export function readCommonOptions(command: Command): CommonOptions {
  const { library, https, caFile, json, quiet, verbose, color } = command.opts<CommonValues>();
  return {
    ...(library === undefined ? {} : { library }),
    httpsRefs: https,
    ...(caFile === undefined ? {} : { caFile }),
    json,
    quiet,
    verbose,
    color,
  };
}

/** The values as commander names them. */
type CommonValues = Omit<CommonOptions, "httpsRefs"> & { readonly https: boolean };
