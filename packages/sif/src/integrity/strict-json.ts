/** Deepest nesting accepted; the documents of signatures nest four levels. */
const MAX_DEPTH = 32;

/**
 * Parses JSON as `JSON.parse` does, but refuses objects that have a key twice. Parsers disagree on
 * which of the two counts, so a signed document must not have any.
 *
 * @throws {SyntaxError}
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  assertUniqueKeys(text);
  return value;
}

// Strings, and what opens, closes and separates; numbers and literals need no attention.
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

function assertUniqueKeys(text: string): void {
  const open: Set<string>[] = [];
  let lastString = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") {
      open.push(new Set());
      if (open.length > MAX_DEPTH) throw new SyntaxError("json is nested too deeply");
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token === ":") {
      addKey(open.at(-1), lastString);
    } else {
      lastString = token;
    }
  }
}

function addKey(keys: Set<string> | undefined, literal: string): void {
  // Decoded, because "a" and "\u0061" are one key.
  const key = String(JSON.parse(literal));
  if (keys?.has(key) === true) throw new SyntaxError(`json has the key ${literal} twice`);
  keys?.add(key);
}

/** Returns the part of a text up to the end of its first JSON object or list, valid or not. */
export function firstJsonObject(text: string): string {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (depth === 0 && token !== ":") return text.slice(0, index + token.length);
  }
  return text;
}

/** Returns a JSON value as an object with string keys; `null` for anything else. */
export function asJsonObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}
