import { RefError, type RefPiece } from "./ref-error.js";
import { slicePiece } from "./ref-piece.js";

/**
 * The parts of a URL that Go's `net/url` escapes by rules of their own. `zone` is the zone of an IPv6 literal;
 * `other` stands for user info and fragment, of which only the form matters here.
 */
export type UrlPart = "path" | "host" | "zone" | "other";

/** ASCII that Go leaves as it is in a path. */
const PLAIN_IN_PATH = /^[A-Za-z0-9\-._~$&+,/:;=@]$/;
/** ASCII that Go leaves as it is in a host, and the only ASCII that a host may be written with. */
const PLAIN_IN_HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]$/;

const ESCAPE = /%[0-9a-f]{2}/iy;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/**
 * The text of `piece` with its percent-escapes undone, as Go's `net/url` does it: in a host only bytes outside
 * ASCII and the percent sign itself can be written as escapes; in a zone also what could stand there unescaped, and
 * the space. Throws {@link RefError} `ref-url-not-valid` on anything else. Unlike Go, it also refuses escapes
 * whose bytes are not UTF-8, because text cannot hold them.
 */
export function unescapeUrl(piece: RefPiece, part: UrlPart): string {
  for (let at = 0; at < piece.text.length; at += piece.text[at] === "%" ? 3 : 1) {
    if (piece.text[at] === "%") checkEscape(piece, at, part);
    else checkPlain(piece, at, part);
  }
  return piece.text.replaceAll(ESCAPES, (escapes, at: number) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      throw invalid(slicePiece(piece, at, at + escapes.length), "has an escape that is not UTF-8");
    }
  });
}

/** `text` as Go's `net/url` writes it in a path or host: UTF-8, and what may not stand there as `%XX`. */
export function escapeUrl(text: string, part: "path" | "host"): string {
  const plain = part === "path" ? PLAIN_IN_PATH : PLAIN_IN_HOST;
  return Array.from(text, (character) =>
    plain.test(character) ? character : escapeCharacter(character),
  ).join("");
}

function escapeCharacter(character: string): string {
  const bytes = Array.from(new TextEncoder().encode(character));
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

function checkEscape(piece: RefPiece, at: number, part: UrlPart): void {
  ESCAPE.lastIndex = at;
  const escape = slicePiece(piece, at, at + 3);
  if (!ESCAPE.test(piece.text)) {
    throw invalid(escape, "has a percent sign that begins no escape");
  }
  if (!mayEscape(escape.text, part)) {
    throw invalid(escape, "has an escape that is not permitted in a host");
  }
}

function mayEscape(escape: string, part: UrlPart): boolean {
  if (part === "path" || part === "other" || escape === "%25") return true;
  const byte = Number.parseInt(escape.slice(1), 16);
  if (part === "host") return byte >= 0x80;
  return byte < 0x80 && (byte === 0x20 || PLAIN_IN_HOST.test(String.fromCharCode(byte)));
}

function checkPlain(piece: RefPiece, at: number, part: UrlPart): void {
  if (part === "path" || part === "other") return;
  const character = slicePiece(piece, at, at + 1);
  if (character.text.charCodeAt(0) < 0x80 && !PLAIN_IN_HOST.test(character.text)) {
    throw invalid(character, "has a character that is not permitted in a host");
  }
}

function invalid(piece: RefPiece, problem: string): RefError {
  return new RefError("ref-url-not-valid", piece, problem);
}
