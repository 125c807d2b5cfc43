import { findFault } from "./find-fault.js";
import { MAX_JSON_BYTES, MAX_JSON_DEPTH } from "../limits.js";
import type { Schema } from "./schema.js";
import { WireError } from "./wire-error.js";

/**
 * Returns `value` as the schema's type. Unknown fields are dropped, absent and `null` fields take
 * their default, and field names match case-insensitively if there is no exact match. So does Go's
 * `encoding/json`, which other clients and servers of this protocol use.
 *
 * @param what Names the document in errors, for example `image`.
 * @throws WireError naming the first field of a wrong type or out of range.
 */
export function decode<T>(schema: Schema<T>, value: unknown, what: string): T {
  const normalised = normalise(schema, value);
  requireValid(schema, normalised, what);
  return normalised;
}

function requireValid<T>(schema: Schema<T>, value: unknown, what: string): asserts value is T {
  const fault = findFault(schema, value);
  if (fault !== undefined) throw new WireError(what, fault.path, fault.problem);
}

/**
 * Parses JSON text from the other side, with limits on size and depth.
 *
 * @throws WireError when the text is too long, too deeply nested or not JSON.
 */
export function parseJson(text: string, what: string, maxLength: number = MAX_JSON_BYTES): unknown {
  if (text.length > maxLength) {
    throw new WireError(what, "", `is longer than ${maxLength} characters`);
  }
  if (nestingExceeds(text, MAX_JSON_DEPTH)) {
    throw new WireError(what, "", `nests deeper than ${MAX_JSON_DEPTH} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new WireError(what, "", "is not valid JSON"), { cause });
  }
}

function normalise(schema: Schema, value: unknown): unknown {
  if (value === undefined || value === null) return structuredClone(schema.default);
  if (Array.isArray(value)) {
    const { items, maxItems = Infinity } = schema;
    if (items === undefined) return value;
    // One item too many is enough to report the fault; a hundred thousand would take seconds.
    return value.slice(0, maxItems + 1).map((item) => normalise(items, item));
  }
  if (typeof value !== "object") return value;
  if (schema.properties !== undefined) return normaliseObject(schema.properties, value);
  const [valueSchema] = Object.values(schema.patternProperties ?? {});
  return valueSchema === undefined ? value : normaliseRecord(valueSchema, value);
}

function normaliseObject(properties: Readonly<Record<string, Schema>>, value: object): object {
  const fields = new Map(Object.entries(value));
  const byLowerCase = new Map([...fields].map(([key, field]) => [key.toLowerCase(), field]));
  const result: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(properties)) {
    const field = fields.has(key) ? fields.get(key) : byLowerCase.get(key.toLowerCase());
    const normalised = normalise(schema, field);
    if (normalised !== undefined) result[key] = normalised;
  }
  return result;
}

function normaliseRecord(valueSchema: Schema, value: object): object {
  const entries = Object.entries(value)
    .map(([key, field]): [string, unknown] => [key, normalise(valueSchema, field)])
    .filter(([, field]) => field !== undefined);
  // `fromEntries` defines own properties, so a key named `__proto__` stays data.
  return Object.fromEntries(entries);
}

/**
 * Counts brackets outside strings, so that a hostile document is rejected before the parser
 * recurses into it.
 */
function nestingExceeds(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index);
    if (inString) {
      if (char === BACKSLASH) index++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (++depth > maxDepth) return true;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
