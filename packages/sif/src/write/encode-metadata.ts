import { archToCode } from "../format/arch.js";
import { SifDataType } from "../format/data-type.js";
import { SifWriteError } from "./write-error.js";

/** Type-specific metadata of an object to write. See {@link SifMetadata} for the fields. */
export type SifMetadataInput =
  | {
      readonly kind: "partition";
      readonly fsType: number;
      readonly partType: number;
      /** Go's name of the architecture. */
      readonly arch: string;
    }
  | {
      readonly kind: "signature";
      readonly hashType: number;
      readonly fingerprint: string | null;
    }
  | { readonly kind: "crypto-message"; readonly format: number; readonly message: number }
  | { readonly kind: "sbom"; readonly format: number }
  | { readonly kind: "oci"; readonly digest: string };

const KINDS = new Map<number, SifMetadataInput["kind"]>([
  [SifDataType.partition, "partition"],
  [SifDataType.signature, "signature"],
  [SifDataType.cryptoMessage, "crypto-message"],
  [SifDataType.sbom, "sbom"],
  [SifDataType.ociRootIndex, "oci"],
  [SifDataType.ociBlob, "oci"],
]);

const EXTRA_BYTES = 384;

/**
 * Returns a descriptor's 384 bytes of metadata. For types that define none, raw bytes are copied.
 *
 * @throws {SifWriteError} `metadata-mismatch`, `metadata-too-long`, `unknown-arch`
 */
export function encodeMetadata(
  dataType: number,
  metadata: SifMetadataInput | Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const extra = new Uint8Array(EXTRA_BYTES);
  if (metadata === undefined) return extra;
  if (!(metadata instanceof Uint8Array)) {
    if (KINDS.get(dataType) !== metadata.kind) {
      const found = `an object of type 0x${dataType.toString(16)} has no ${metadata.kind} metadata`;
      throw new SifWriteError("metadata-mismatch", found);
    }
    encodeFields(metadata, extra);
    return extra;
  }
  if (metadata.length > EXTRA_BYTES) {
    throw new SifWriteError(
      "metadata-too-long",
      `the metadata has ${metadata.length} bytes; at most 384 are possible`,
    );
  }
  extra.set(metadata);
  return extra;
}

function encodeFields(metadata: SifMetadataInput, extra: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(extra.buffer);
  switch (metadata.kind) {
    case "partition":
      view.setInt32(0, metadata.fsType, true);
      view.setInt32(4, metadata.partType, true);
      extra.set(requireArch(metadata.arch), 8);
      break;
    case "signature":
      view.setInt32(0, metadata.hashType, true);
      if (metadata.fingerprint !== null) extra.set(fingerprintBytes(metadata.fingerprint), 4);
      break;
    case "crypto-message":
      view.setInt32(0, metadata.format, true);
      view.setInt32(4, metadata.message, true);
      break;
    case "sbom":
      view.setInt32(0, metadata.format, true);
      break;
    case "oci":
      extra.set(digestText(metadata.digest));
      break;
  }
}

function requireArch(arch: string): Uint8Array {
  const code = archToCode(arch);
  if (code !== null) return code;
  throw new SifWriteError("unknown-arch", `the format has no architecture ${JSON.stringify(arch)}`);
}

function fingerprintBytes(fingerprint: string): Uint8Array {
  if (!/^[0-9a-f]{40}$/i.test(fingerprint)) {
    throw new SifWriteError("metadata-mismatch", "a fingerprint has 40 hexadecimal digits");
  }
  return Uint8Array.from({ length: 20 }, (_, index) =>
    Number.parseInt(fingerprint.slice(2 * index, 2 * index + 2), 16),
  );
}

function digestText(digest: string): Uint8Array {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new SifWriteError(
      "metadata-mismatch",
      "an OCI digest is sha256: and 64 lower-case hexadecimal digits",
    );
  }
  return new TextEncoder().encode(digest);
}
