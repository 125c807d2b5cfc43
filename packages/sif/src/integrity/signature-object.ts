import type { ReadOptions } from "../bytes/byte-source.js";
import type { SifDescriptor } from "../format/descriptor.js";
import type { SifSignatureMetadata } from "../format/metadata.js";
import { readSmallObject } from "../format/object-data.js";
import type { SifImage } from "../format/read-sif.js";
import { decodeText } from "../bytes/text.js";
import { type ClearSignedMessage, decodeClearSigned } from "./clear-sign.js";
import { type DsseEnvelope, looksLikeDsse, parseDsseEnvelope } from "./dsse-envelope.js";

/** Largest signature object to load: 16 MiB, enough to cover as many objects as are accepted. */
export const MAX_SIGNATURE_BYTES = 16 * 1024 * 1024;

/** Most bytes of signature objects that a verification loads: 32 MiB. Real ones have kilobytes. */
export const MAX_SIGNATURES_BYTES = 32 * 1024 * 1024;

/** Most signature objects that a verification accepts. Real images have a handful. */
export const MAX_SIGNATURES = 256;

/** The envelope in a signature object. */
export type SignatureEnvelope =
  | {
      readonly kind: "dsse";
      /** `null` if it is not well-formed. */
      readonly envelope: DsseEnvelope | null;
    }
  | { readonly kind: "pgp" | "legacy"; readonly message: ClearSignedMessage }
  | { readonly kind: "unrecognized" };

/** A signature object with its envelope parsed. None of it is verified. */
export interface SignatureObject {
  readonly descriptor: SifDescriptor;
  readonly metadata: SifSignatureMetadata;
  readonly envelope: SignatureEnvelope;
}

const LEGACY_START = "SIFHASH:\n";

/** Reads a signature object. Returns `null` if the descriptor is of another type. */
export async function readSignatureObject(
  image: SifImage,
  descriptor: SifDescriptor,
  options: ReadOptions = {},
): Promise<SignatureObject | null> {
  const { metadata } = descriptor;
  if (metadata.kind !== "signature") return null;
  const { signal } = options;
  const bytes = await readSmallObject(image, descriptor, { signal, maxBytes: MAX_SIGNATURE_BYTES });
  const envelope: SignatureEnvelope =
    bytes === null ? { kind: "unrecognized" } : decodeEnvelope(bytes);
  return { descriptor, metadata, envelope };
}

function decodeEnvelope(bytes: Uint8Array): SignatureEnvelope {
  // Malformed UTF-8 becomes U+FFFD, which is neither base64 nor signed text.
  const data = decodeText(bytes);
  if (looksLikeDsse(data)) return { kind: "dsse", envelope: parseDsseEnvelope(data) };
  const message = decodeClearSigned(data);
  if (message === null) return { kind: "unrecognized" };
  // Trailing white space is not signed, and a text of one line has no line end.
  const isLegacy = `${message.text}\n`.startsWith(LEGACY_START);
  return { kind: isLegacy ? "legacy" : "pgp", message };
}
