import { decodeBase64 } from "./base64.js";

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

// White space is part of the body: were it matched beside it, long runs would be tried in every division.
const BLOCKS = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/** Returns the well-formed blocks of PEM text, in order; text around them is ignored. */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label = "", body = ""] of text.matchAll(BLOCKS)) {
    const bytes = decodeBase64(body.replace(/\s+/g, ""));
    if (bytes !== null) blocks.push({ label, bytes });
  }
  return blocks;
}
