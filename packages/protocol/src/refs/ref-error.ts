import type { RefSpan } from "./ref-span.js";

const BRAND = Symbol.for("sifshelf.RefError");

/** Longest excerpt of rejected text in a message, in characters before escaping. */
const MAX_EXCERPT_LENGTH = 160;

/** Replaces what a message must not show: user info, query and fragment can contain secrets. */
const MASK = "***";

/**
 * Why a ref, image hash or digest is rejected. The first six are the Go client's `ErrRef…` values;
 * the rest are faults for which Go returns an error of its URL parser, or that Go does not check.
 */
export type RefErrorCode =
  | "ref-scheme-not-valid"
  | "ref-user-not-permitted"
  | "ref-query-not-permitted"
  | "ref-fragment-not-permitted"
  | "ref-path-not-valid"
  | "ref-tags-not-valid"
  | "ref-url-not-valid"
  | "ref-too-long"
  | "image-hash-not-valid"
  | "digest-not-valid";

/**
 * Text is not a valid ref, image hash or digest. `code` says why; `text` is the invalid span, which
 * begins at `offset` (UTF-16 code units) of the rejected text. `input` is that text, shortened,
 * with user info, query and fragment masked; `text` is masked too where it overlaps them.
 */
export class RefError extends Error {
  readonly [BRAND] = true;
  readonly code: RefErrorCode;
  readonly input: string;
  readonly offset: number;
  readonly text: string;

  constructor(code: RefErrorCode, span: RefSpan, problem: string) {
    const input = shorten(masked(span.input));
    const text = isVisible(span) ? shorten(span.text) : MASK;
    const isWhole = span.text.length === span.input.length;
    const where = isWhole ? "" : `: ${quote(text)} at character ${span.offset + 1}`;
    super(`${quote(input)} ${problem}${where}`);
    this.name = "RefError";
    this.code = code;
    this.input = input;
    this.offset = span.offset;
    this.text = text;
  }
}

/** Whether `error` is a {@link RefError}, also one from a second copy of this package. */
export function isRefError(error: unknown): error is RefError {
  return typeof error === "object" && error !== null && BRAND in error;
}

function masked(input: string): string {
  const { start, end } = visibleSpan(input);
  const scheme = /^[^:/?#@]{0,32}:\/{0,2}/.exec(input)?.[0] ?? "";
  const head = start === 0 ? "" : `${scheme}${MASK}@`;
  return head + input.slice(start, end) + (end < input.length ? MASK : "");
}

function isVisible({ input, offset, text }: RefSpan): boolean {
  const { start, end } = visibleSpan(input);
  return offset >= start && offset + text.length <= end;
}

/**
 * The span of an input that cannot be a secret: after the last `@`, up to the first `?` or `#`. It
 * assumes more user info than a URL parser would, so that a password with a stray `/` is masked
 * too. Empty if an `@` follows a `?` or `#`, because that may be a password or a query.
 */
function visibleSpan(input: string): { start: number; end: number } {
  const start = input.lastIndexOf("@") + 1;
  const trailer = input.search(/[?#]/);
  if (trailer < 0) return { start, end: input.length };
  return trailer < start ? { start, end: start } : { start, end: trailer + 1 };
}

function shorten(text: string): string {
  return text.length > MAX_EXCERPT_LENGTH ? `${text.slice(0, MAX_EXCERPT_LENGTH)}…` : text;
}

/**
 * Quotes text and escapes all but printable ASCII, because the message may be printed on a
 * terminal.
 */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
