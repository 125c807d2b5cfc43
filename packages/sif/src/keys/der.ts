import { decodeBase64 } from "../bytes/text.js";

/** One element of a DER structure (X.690). */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** The whole element, tag and length included. */
  readonly bytes: Uint8Array;
}

/** Tags that keys, signatures and certificates use. */
export const DerTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** Bytes that are not DER, or not the expected structure. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/**
 * Parses bytes as a series of elements.
 *
 * @throws {DerError} for malformed bytes, including indefinite and non-minimal lengths, which DER
 *   forbids
 */
export function parseDer(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const element = readElement(rest);
    elements.push(element);
    rest = rest.subarray(element.bytes.length);
  }
  return elements;
}

/** Parses bytes as one sequence and returns the elements inside it. */
export function parseDerSequence(bytes: Uint8Array): DerElement[] {
  const [sequence, ...others] = parseDer(bytes);
  if (sequence === undefined || others.length > 0)
    throw new DerError("expected exactly one DER element");
  return childrenOf(sequence);
}

/** Returns the elements inside a sequence. */
export function childrenOf(element: DerElement | undefined): DerElement[] {
  return parseDer(contentOf(element, DerTag.sequence));
}

/** Returns the content of an element, which must have this tag. */
export function contentOf(element: DerElement | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new DerError(`expected the DER tag ${tag}`);
  return element.content;
}

/** Returns the bytes of a bit string, which must have a multiple of 8 bits. */
export function bitStringOf(element: DerElement | undefined): Uint8Array {
  const content = contentOf(element, DerTag.bitString);
  if (content[0] !== 0) throw new DerError("a bit string does not have a multiple of 8 bits");
  return content.subarray(1);
}

/** Returns the magnitude of a positive integer, big-endian, without leading zeros. */
export function unsignedOf(element: DerElement | undefined): Uint8Array {
  const content = contentOf(element, DerTag.integer);
  const [first, second = 0] = content;
  const isPadded = first === 0;
  if (first === undefined || first >= 0x80 || (isPadded && content.length > 1 && second < 0x80)) {
    throw new DerError("an integer is negative or not minimal");
  }
  return isPadded ? content.subarray(1) : content;
}

/** Returns an object identifier in dotted form. */
export function oidOf(element: DerElement | undefined): string {
  const content = contentOf(element, DerTag.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 256)
      throw new DerError("an arc of an object identifier is too large");
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs[0] ?? 0;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - 40 * top, ...arcs.slice(1)].join(".");
}

/** Encodes an element around its content. */
export function encodeDer(
  tag: number,
  ...contents: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  const head = [tag, ...encodeLength(length)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}

/** Encodes a big-endian magnitude as an integer element. */
export function encodeUnsigned(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? new Uint8Array(1) : magnitude.subarray(start);
  const isHigh = (digits[0] ?? 0) >= 0x80;
  return encodeDer(DerTag.integer, new Uint8Array(isHigh ? 1 : 0), digits);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function readElement(bytes: Uint8Array): DerElement {
  const [tag = 0, first] = bytes;
  if (first === undefined || (tag & 0x1f) === 0x1f) throw new DerError("malformed DER element");
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) throw new DerError("malformed DER length");
  const start = 2 + lengthBytes;
  let length = first < 0x80 ? first : 0;
  for (const byte of bytes.subarray(2, start)) length = length * 256 + byte;
  const isMinimal = encodeLength(length).length === lengthBytes + 1;
  if (bytes.length < start + length || !isMinimal) throw new DerError("malformed DER length");
  return {
    tag,
    content: bytes.subarray(start, start + length),
    bytes: bytes.subarray(0, start + length),
  };
}

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

// The body includes its white space. Matching that separately would try every division of long
// runs.
const BLOCKS = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/** Returns the well-formed blocks of PEM text, in order. Text around them is ignored. */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label = "", body = ""] of text.matchAll(BLOCKS)) {
    const bytes = decodeBase64(body.replace(/\s+/g, ""));
    if (bytes !== null) blocks.push({ label, bytes });
  }
  return blocks;
}
