import { SIF_ARCHES, SifDataType, SifFsType, SifHashType, SifPartType } from "@sifshelf/sif";

import { CliError } from "../errors/cli-error.js";
import { parseArch } from "./arch.js";

/**
 * Names for numbers of the format. `siftool` accepts its numbers only; names and numbers are
 * accepted here.
 */
export interface SifChoice {
  /** What is chosen, for errors. */
  readonly what: string;
  /** In the order of siftool's numbers, from 1. */
  readonly names: readonly string[];
  /** The format's number for siftool's number 1. */
  readonly first: number;
}

/** Data types in the order of siftool's numbers; not all its versions have the last two. */
export const DATA_TYPES: SifChoice = {
  what: "data type",
  names: [
    "deffile",
    "envvar",
    "labels",
    "partition",
    "signature",
    "genericjson",
    "generic",
    "cryptomessage",
    "sbom",
    "ocirootindex",
    "ociblob",
  ],
  first: SifDataType.deffile,
};

/** File systems of partitions. */
export const FILE_SYSTEMS: SifChoice = {
  what: "file system",
  names: ["squashfs", "ext3", "archive", "raw", "encryptedsquashfs", "gocryptfs"],
  first: SifFsType.squashfs,
};

/** Roles of partitions. */
export const PARTITION_TYPES: SifChoice = {
  what: "partition type",
  names: ["system", "primsys", "data", "overlay"],
  first: SifPartType.system,
};

/** Hashes of signatures. */
export const SIGNATURE_HASHES: SifChoice = {
  what: "hash",
  names: ["sha256", "sha384", "sha512", "blake2s_256", "blake2b_256"],
  first: SifHashType.sha256,
};

/** Formats of software bills of materials. */
export const SBOM_FORMATS: SifChoice = {
  what: "SBOM format",
  names: [
    "cyclonedx-json",
    "cyclonedx-xml",
    "github-json",
    "spdx-json",
    "spdx-rdf",
    "spdx-tag-value",
    "spdx-yaml",
    "syft-json",
  ],
  first: 1,
};

/**
 * The format's number for a name or for siftool's number.
 *
 * @throws {CliError} `usage`
 */
export function parseChoice({ what, names, first }: SifChoice, text: string): number {
  const index = names.indexOf(text.toLowerCase());
  const number = index === -1 && /^[0-9]{1,2}$/.test(text) ? Number(text) : index + 1;
  if (number >= 1 && number <= names.length) return first + number - 1;
  const list = names.map((name, at) => `${at + 1}-${name}`).join(", ");
  throw new CliError("usage", `"${text}" is not a ${what}`, { next: `use one of ${list}` });
}

/**
 * The Go name of an arch, which may also be siftool's number.
 *
 * @throws {CliError} `usage`
 */
export function parsePartitionArch(text: string): string {
  const numbered = /^[0-9]{1,2}$/.test(text) ? SIF_ARCHES[Number(text) - 1] : undefined;
  return numbered ?? parseArch(text);
}
