/** What an object holds, by the format's numbers. Other numbers occur and are not an error. */
export const SifDataType = {
  /** Definition file (recipe). */
  deffile: 0x4001,
  envVar: 0x4002,
  labels: 0x4003,
  /** File-system image. */
  partition: 0x4004,
  signature: 0x4005,
  /** Named JSON document. */
  genericJson: 0x4006,
  generic: 0x4007,
  /** For example the wrapped key of an encrypted partition. */
  cryptoMessage: 0x4008,
  sbom: 0x4009,
  ociRootIndex: 0x400a,
  ociBlob: 0x400b,
} as const;

const DISPLAY_NAMES: ReadonlyMap<number, string> = new Map([
  [SifDataType.deffile, "Def.FILE"],
  [SifDataType.envVar, "Env.Vars"],
  [SifDataType.labels, "JSON.Labels"],
  [SifDataType.partition, "FS"],
  [SifDataType.signature, "Signature"],
  [SifDataType.genericJson, "JSON.Generic"],
  [SifDataType.generic, "Generic/Raw"],
  [SifDataType.cryptoMessage, "Cryptographic Message"],
  [SifDataType.sbom, "SBOM"],
  [SifDataType.ociRootIndex, "OCI.RootIndex"],
  [SifDataType.ociBlob, "OCI.Blob"],
]);

/** Reports whether the format defines this data type. */
export function isKnownDataType(dataType: number): boolean {
  return DISPLAY_NAMES.has(dataType);
}

/**
 * Returns the name that the reference tool shows for a data type, or its hexadecimal number if the
 * format does not define it.
 */
export function dataTypeName(dataType: number): string {
  return DISPLAY_NAMES.get(dataType) ?? `0x${(dataType >>> 0).toString(16).padStart(4, "0")}`;
}
