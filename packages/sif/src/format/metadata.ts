import { archFromCode } from "./arch.js";
import { SifDataType } from "./data-type.js";
import { decodeText, toHex, untilNul } from "../bytes/text.js";

/** File systems of partitions. */
export const SifFsType = {
  squashfs: 1,
  ext3: 2,
  archive: 3,
  raw: 4,
  /** A LUKS2 device with a squashfs inside. */
  encryptedSquashfs: 5,
  /** Written by Apptainer only. */
  gocryptfsSquashfs: 6,
} as const;

/** Roles of partitions. */
export const SifPartType = { system: 1, primary: 2, data: 3, overlay: 4 } as const;

/** Hash types of signature descriptors. */
export const SifHashType = { sha256: 1, sha384: 2, sha512: 3, blake2s: 4, blake2b: 5 } as const;

const UNKNOWN = "Unknown";

const FS_NAMES = new Map<number, string>([
  [SifFsType.squashfs, "Squashfs"],
  [SifFsType.ext3, "Ext3"],
  [SifFsType.archive, "Archive"],
  [SifFsType.raw, "Raw"],
  [SifFsType.encryptedSquashfs, "Encrypted squashfs"],
  [SifFsType.gocryptfsSquashfs, "Gocryptfs squashfs"],
]);
const PART_NAMES = new Map<number, string>([
  [SifPartType.system, "System"],
  [SifPartType.primary, "*System"],
  [SifPartType.data, "Data"],
  [SifPartType.overlay, "Overlay"],
]);
const HASH_NAMES = new Map<number, string>([
  [SifHashType.sha256, "SHA-256"],
  [SifHashType.sha384, "SHA-384"],
  [SifHashType.sha512, "SHA-512"],
  [SifHashType.blake2s, "BLAKE2s-256"],
  [SifHashType.blake2b, "BLAKE2b-256"],
]);
const CRYPTO_FORMAT_NAMES = new Map<number, string>([
  [1, "OpenPGP"],
  [2, "PEM"],
]);
const CRYPTO_MESSAGE_NAMES = new Map<number, string>([
  [0x100, "Clear Signature"],
  [0x200, "RSA-OAEP"],
]);
const SBOM_NAMES = new Map<number, string>([
  [1, "cyclonedx-json"],
  [2, "cyclonedx-xml"],
  [3, "github-json"],
  [4, "spdx-json"],
  [5, "spdx-rdf"],
  [6, "spdx-tag-value"],
  [7, "spdx-yaml"],
  [8, "syft-json"],
]);

/** The metadata of a partition. Unknown numbers are kept and named `Unknown`. */
export interface SifPartitionMetadata {
  readonly kind: "partition";
  readonly fsType: number;
  readonly fsTypeName: string;
  readonly partType: number;
  readonly partTypeName: string;
  /** Go's name of the architecture, or `unknown`. */
  readonly arch: string;
}

/** The metadata of a signature. None of it is verified. */
export interface SifSignatureMetadata {
  readonly kind: "signature";
  readonly hashType: number;
  readonly hashTypeName: string;
  /**
   * Fingerprint of the signer's primary PGP key, 40 lower-case hex digits; `null` if there is none.
   */
  readonly fingerprint: string | null;
}

/** The metadata of a cryptographic message. */
export interface SifCryptoMessageMetadata {
  readonly kind: "crypto-message";
  readonly format: number;
  readonly formatName: string;
  readonly message: number;
  readonly messageName: string;
}

/** The metadata of a software bill of materials. */
export interface SifSbomMetadata {
  readonly kind: "sbom";
  readonly format: number;
  /** The format's name, or `unknown` if the number has none. */
  readonly formatName: string;
}

/** The metadata of an OCI blob or root index. */
export interface SifOciMetadata {
  readonly kind: "oci";
  /** `algorithm:hex` as stored. Not checked against the data; `null` if malformed. */
  readonly digest: string | null;
}

/** The type-specific part of a descriptor, by `kind`; `none` for types that define no metadata. */
export type SifMetadata =
  | SifPartitionMetadata
  | SifSignatureMetadata
  | SifCryptoMessageMetadata
  | SifSbomMetadata
  | SifOciMetadata
  | { readonly kind: "none" };

/** Parses a descriptor's 384 bytes of metadata. Never throws. */
export function parseMetadata(dataType: number, extra: Uint8Array): SifMetadata {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  switch (dataType) {
    case SifDataType.partition:
      return partitionMetadata(view, extra);
    case SifDataType.signature:
      return signatureMetadata(view, extra);
    case SifDataType.cryptoMessage:
      return cryptoMessageMetadata(view);
    case SifDataType.sbom: {
      const format = view.getInt32(0, true);
      return { kind: "sbom", format, formatName: SBOM_NAMES.get(format) ?? "unknown" };
    }
    case SifDataType.ociRootIndex:
    case SifDataType.ociBlob:
      return { kind: "oci", digest: parseOciDigest(extra) };
    default:
      return { kind: "none" };
  }
}

function partitionMetadata(view: DataView, extra: Uint8Array): SifPartitionMetadata {
  const fsType = view.getInt32(0, true);
  const partType = view.getInt32(4, true);
  return {
    kind: "partition",
    fsType,
    fsTypeName: FS_NAMES.get(fsType) ?? UNKNOWN,
    partType,
    partTypeName: PART_NAMES.get(partType) ?? UNKNOWN,
    arch: archFromCode(extra.subarray(8, 11)),
  };
}

function signatureMetadata(view: DataView, extra: Uint8Array): SifSignatureMetadata {
  const hashType = view.getInt32(0, true);
  const entity = extra.subarray(4, 24);
  return {
    kind: "signature",
    hashType,
    hashTypeName: HASH_NAMES.get(hashType) ?? UNKNOWN,
    fingerprint: entity.every((byte) => byte === 0) ? null : toHex(entity),
  };
}

function cryptoMessageMetadata(view: DataView): SifCryptoMessageMetadata {
  const format = view.getInt32(0, true);
  const message = view.getInt32(4, true);
  return {
    kind: "crypto-message",
    format,
    formatName: CRYPTO_FORMAT_NAMES.get(format) ?? UNKNOWN,
    message,
    messageName: CRYPTO_MESSAGE_NAMES.get(message) ?? UNKNOWN,
  };
}

function parseOciDigest(extra: Uint8Array): string | null {
  const text = decodeText(untilNul(extra));
  return /^[a-z0-9]+:[0-9a-f]+$/.test(text) ? text : null;
}
