import type { ReadOptions } from "../byte-source.js";
import type { SifDescriptor } from "../descriptor.js";
import { MAX_SIGNATURE_BYTES } from "../limits.js";
import type { SifSignatureMetadata } from "../metadata.js";
import { readSmallObject } from "../object-data.js";
import type { SifImage } from "../read-sif.js";
import { decodeText } from "../text.js";
import { type ClearSignedMessage, decodeClearSigned } from "./clear-sign.js";
import { type DsseEnvelope, looksLikeDsse, parseDsseEnvelope } from "./dsse-envelope.js";

/** The envelope in a signature object. */
export type SignatureEnvelope =
  | {
      readonly kind: "dsse";
      /** `null` when it is not well-formed. */
      readonly envelope: DsseEnvelope | null;
    }
  | { readonly kind: "pgp" | "legacy"; readonly message: ClearSignedMessage }
  | { readonly kind: "unrecognized" };

/** A signature object whose envelope was taken apart; nothing of it is verified. */
export interface SignatureObject {
  readonly descriptor: SifDescriptor;
  readonly metadata: SifSignatureMetadata;
  readonly envelope: SignatureEnvelope;
}

const LEGACY_START = "SIFHASH:\n";

/** Reads a signature object; `null` when the descriptor is of another type. */
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
  // What is not UTF-8 becomes U+FFFD, which then is neither base64 nor what anybody signed.
  const data = decodeText(bytes);
  if (looksLikeDsse(data)) return { kind: "dsse", envelope: parseDsseEnvelope(data) };
  const message = decodeClearSigned(data);
  if (message === null) return { kind: "unrecognized" };
  // White space at line ends is not signed, and a text of one line has no line end.
  const isLegacy = `${message.text}\n`.startsWith(LEGACY_START);
  return { kind: isLegacy ? "legacy" : "pgp", message };
}
