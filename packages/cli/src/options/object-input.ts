import { SifDataType, type SifMetadataInput, type SifObjectInput } from "@sifshelf/sif";

import { CliError } from "../errors/cli-error.js";
import {
  DATA_TYPES,
  FILE_SYSTEMS,
  parseChoice,
  parsePartitionArch,
  PARTITION_TYPES,
  SBOM_FORMATS,
  SIGNATURE_HASHES,
} from "./sif-choice.js";
import { parseId } from "./value-lists.js";

/** An object to add, without its data. */
export type ObjectInput = Omit<SifObjectInput, "data">;

/** The options of an object, as commander reads them. */
export interface ObjectValues {
  readonly datatype?: string;
  readonly parttype?: string;
  readonly partfs?: string;
  readonly partarch?: string;
  readonly signhash?: string;
  readonly signentity?: string;
  readonly sbomformat?: string;
  readonly groupid?: string;
  readonly link?: string;
  readonly alignment?: string;
  readonly filename?: string;
}

/**
 * Builds an object from options. As in siftool, it is in no group unless one is named.
 *
 * @throws {CliError} `usage`
 */
export function objectInputFrom(values: ObjectValues): ObjectInput {
  const dataType = parseChoice(DATA_TYPES, required(values, "datatype"));
  const metadata = metadataFrom(dataType, values);
  const { groupid = "0", link = "0", alignment = "0", filename } = values;
  return {
    dataType,
    group: groupid === "0" ? null : parseId(groupid),
    link: link === "0" ? null : { kind: "object", id: parseId(link) },
    ...(alignment === "0" ? {} : { alignment: parseAlignment(alignment) }),
    ...(filename === undefined ? {} : { name: filename }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

const METADATA_FLAGS: ReadonlyMap<number, readonly (keyof ObjectValues)[]> = new Map([
  [SifDataType.partition, ["parttype", "partfs", "partarch"] as const],
  [SifDataType.signature, ["signhash", "signentity"] as const],
  [SifDataType.sbom, ["sbomformat"] as const],
]);

function metadataFrom(dataType: number, values: ObjectValues): SifMetadataInput | undefined {
  for (const [type, flags] of METADATA_FLAGS) {
    const stray = flags.find((flag) => values[flag] !== undefined);
    if (type === dataType || stray === undefined) continue;
    throw new CliError("usage", `--${stray} does not apply to objects of this data type`);
  }
  switch (dataType) {
    case SifDataType.partition:
      return {
        kind: "partition",
        partType: parseChoice(PARTITION_TYPES, required(values, "parttype")),
        fsType: parseChoice(FILE_SYSTEMS, required(values, "partfs")),
        arch: parsePartitionArch(required(values, "partarch")),
      };
    case SifDataType.signature:
      return {
        kind: "signature",
        hashType: parseChoice(SIGNATURE_HASHES, required(values, "signhash")),
        fingerprint: parseFingerprint(required(values, "signentity")),
      };
    case SifDataType.sbom:
      return { kind: "sbom", format: parseChoice(SBOM_FORMATS, required(values, "sbomformat")) };
    default:
      return undefined;
  }
}

function required(values: ObjectValues, flag: keyof ObjectValues): string {
  const value = values[flag];
  if (value !== undefined) return value;
  throw new CliError("usage", `--${flag} is missing`);
}

function parseFingerprint(text: string): string {
  if (/^[0-9a-f]{40}$/i.test(text)) return text.toLowerCase();
  throw new CliError("usage", `"${text}" is not a fingerprint of 40 hexadecimal digits`);
}

function parseAlignment(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CliError("usage", `"${text}" is not an alignment in bytes`);
}
