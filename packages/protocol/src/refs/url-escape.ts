import { RefError } from "./ref-error.js";
import { type RefSpan, sliceSpan } from "./ref-span.js";

/**
 * The components of a URL that Go's `net/url` has escaping rules for. `zone` is the zone of an IPv6
 * literal.
 */
export type UrlPart = "path" | "host" | "zone";

/** ASCII that Go does not escape in a path. */
const PLAIN_IN_PATH = /^[A-Za-z0-9\-._~$&+,/:;=@]$/;
/**
 * ASCII that Go does not escape in a host, and the only unescaped ASCII that a host can contain.
 */
const PLAIN_IN_HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]$/;

/**
 * ASCII that a host cannot contain, except controls and URL delimiters, which are rejected earlier.
 */
const FOREIGN_IN_HOST = /[ \\^`{|}]/;

/** A percent sign, with its two digits if they are hex. */
const PERCENT = /%(?:[0-9a-f]{2})?/gi;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/**
 * Unescapes the text of `span` as Go's `net/url` does: in a host only bytes outside ASCII and the
 * percent sign itself can be escaped; in a zone also what is valid there unescaped, and the space.
 * Throws {@link RefError} `ref-url-not-valid` on anything else. Unlike Go, it also rejects escapes
 * whose bytes are not UTF-8, because a string cannot hold them.
 */
export function unescapeUrl(span: RefSpan, part: UrlPart): string {
  checkEscapes(span, part);
  if (part !== "path") checkHostCharacters(span);
  return span.text.replaceAll(ESCAPES, (escapes, at: number) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      throw invalid(sliceSpan(span, at, at + escapes.length), "has an escape that is not UTF-8");
    }
  });
}

/**
 * Throws {@link RefError} `ref-url-not-valid` at a percent sign that does not begin an escape, or
 * an escape that is not valid in this `part`.
 */
export function checkEscapes(span: RefSpan, part: UrlPart): void {
  for (const { 0: text, index } of span.text.matchAll(PERCENT)) {
    const escape = sliceSpan(span, index, index + text.length);
    if (text.length < 3) throw invalid(escape, "has a percent sign that does not begin an escape");
    if (!mayEscape(text, part))
      throw invalid(escape, "has an escape that is not allowed in a host");
  }
}

/**
 * Escapes `text` as Go's `net/url` does in a path or host: UTF-8, with other characters as `%XX`.
 */
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

function mayEscape(escape: string, part: UrlPart): boolean {
  if (part === "path" || escape === "%25") return true;
  const byte = Number.parseInt(escape.slice(1), 16);
  if (part === "host") return byte >= 0x80;
  return byte < 0x80 && (byte === 0x20 || PLAIN_IN_HOST.test(String.fromCharCode(byte)));
}

function checkHostCharacters(span: RefSpan): void {
  const at = span.text.search(FOREIGN_IN_HOST);
  if (at < 0) return;
  throw invalid(sliceSpan(span, at, at + 1), "has a character that is not allowed in a host");
}

function invalid(span: RefSpan, problem: string): RefError {
  return new RefError("ref-url-not-valid", span, problem);
}
