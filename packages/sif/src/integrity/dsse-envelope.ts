import { decodeBase64, encodeBase64 } from "../bytes/text.js";
import { asJsonObject, firstJsonObject, parseStrictJson } from "./strict-json.js";

/** The payload type of SIF signatures. Envelopes of other types are not signatures of images. */
export const SIF_PAYLOAD_TYPE = "application/vnd.sylabs.sif-metadata+json";

/** Most signatures in an envelope. */
const MAX_ENTRIES = 64;

/** A signature in an envelope. */
export interface DsseEntry {
  /** The key that made it, as the envelope claims; `""` if it does not say. */
  readonly keyId: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** A DSSE envelope, parsed but not verified. */
export interface DsseEnvelope {
  readonly payload: Uint8Array;
  readonly entries: readonly DsseEntry[];
}

/**
 * Reports whether the first JSON document in the data claims to be a DSSE envelope of a SIF
 * signature. More data may follow; then it is an envelope that is not well-formed.
 */
export function looksLikeDsse(data: string): boolean {
  try {
    const envelope = asJsonObject(JSON.parse(firstJsonObject(data)));
    return envelope?.["payloadType"] === SIF_PAYLOAD_TYPE;
  } catch {
    return false;
  }
}

/** Parses an envelope. Returns `null` if it is not well-formed. */
export function parseDsseEnvelope(data: string): DsseEnvelope | null {
  const envelope = parseObject(data);
  if (envelope?.["payloadType"] !== SIF_PAYLOAD_TYPE) return null;
  const payload = decodeText(envelope["payload"]);
  const list = envelope["signatures"];
  if (payload === null || !Array.isArray(list)) return null;
  if (list.length === 0 || list.length > MAX_ENTRIES) return null;
  const entries = list.map(parseEntry).filter((entry) => entry !== null);
  return entries.length === list.length ? { payload, entries } : null;
}

/** Formats an envelope as compact JSON, in the key order that all signers use. */
export function formatDsseEnvelope({ payload, entries }: DsseEnvelope): string {
  return JSON.stringify({
    payloadType: SIF_PAYLOAD_TYPE,
    payload: encodeBase64(payload),
    signatures: entries.map(({ keyId, signature }) => ({
      keyid: keyId,
      sig: encodeBase64(signature),
    })),
  });
}

/** Returns the bytes that a DSSE signature signs: the pre-authentication encoding. */
export function preAuthEncoding(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = `DSSEv1 ${SIF_PAYLOAD_TYPE.length} ${SIF_PAYLOAD_TYPE} ${payload.length} `;
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(new TextEncoder().encode(head));
  bytes.set(payload, head.length);
  return bytes;
}

function parseObject(data: string): Readonly<Record<string, unknown>> | null {
  try {
    return asJsonObject(parseStrictJson(data));
  } catch {
    return null;
  }
}

function parseEntry(value: unknown): DsseEntry | null {
  const entry = asJsonObject(value);
  const keyId = entry?.["keyid"] ?? "";
  const signature = decodeText(entry?.["sig"]);
  return signature === null || typeof keyId !== "string" ? null : { keyId, signature };
}

function decodeText(value: unknown): Uint8Array<ArrayBuffer> | null {
  return typeof value === "string" ? decodeBase64(value) : null;
}
