/** Deepest nesting accepted. Documents of signatures have four levels. */
const MAX_DEPTH = 32;

/**
 * Parses JSON as `JSON.parse` does, but rejects objects with duplicate keys. Parsers disagree on
 * which of them counts, so a signed document must not have any.
 *
 * @throws {SyntaxError}
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  assertUniqueKeys(text);
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Receives a string or one of `{}[]:`, as the code of its first character, its start and the index
 * after it. Returns whether to continue.
 */
type TokenVisitor = (code: number, start: number, end: number) => boolean;

/**
 * Visits the tokens of a text in order, up to a string that does not end. Looks at every character
 * once: a regular expression for strings would start over at each quote and take hours for hostile
 * texts.
 */
function scanTokens(text: string, visit: TokenVisitor): void {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end === -1 || !visit(code, at, end)) return;
      at = end - 1;
    } else if (isPunctuation(code) && !visit(code, at, at + 1)) {
      return;
    }
  }
}

function isPunctuation(code: number): boolean {
  const isBracket = code === OPEN_LIST || code === CLOSE_LIST;
  return isBracket || code === OPEN_OBJECT || code === CLOSE_OBJECT || code === COLON;
}

/** Returns the index after the string that starts at `start`, or -1 if it does not end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
  return -1;
}

/** @param text valid JSON */
function assertUniqueKeys(text: string): void {
  // The keys of every open object, and `null` for every open list.
  const open: (Set<string> | null)[] = [];
  let lastString: readonly [number, number] = [0, 0];
  scanTokens(text, (code, start, end) => {
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      open.push(code === OPEN_OBJECT ? new Set() : null);
      if (open.length > MAX_DEPTH) throw new SyntaxError("JSON is nested too deeply");
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      open.pop();
    } else if (code === COLON) {
      addKey(open.at(-1), text.slice(...lastString));
    } else {
      lastString = [start, end];
    }
    return true;
  });
}

function addKey(keys: Set<string> | null | undefined, literal: string): void {
  // Decoded, because "a" and "\u0061" are the same key.
  const key = String(JSON.parse(literal));
  if (keys?.has(key) === true) throw new SyntaxError(`JSON has the key ${literal} twice`);
  keys?.add(key);
}

/** Returns a text up to the end of its first JSON object or list, valid or not. */
export function firstJsonObject(text: string): string {
  let depth = 0;
  let endOfFirst = text.length;
  scanTokens(text, (code, _start, end) => {
    if (code === OPEN_OBJECT || code === OPEN_LIST) depth += 1;
    if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth -= 1;
    if (depth > 0 || code === COLON) return true;
    endOfFirst = end;
    return false;
  });
  return text.slice(0, endOfFirst);
}

/** Returns a JSON value as an object with string keys, or `null` if it is not an object. */
export function asJsonObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}
