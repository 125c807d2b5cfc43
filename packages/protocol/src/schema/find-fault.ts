import type { Schema } from "./schema.js";

/** Where a value does not match its schema. */
export interface SchemaFault {
  /** Names and indices from the outside in, separated by dots; empty for the value itself. */
  readonly path: string;
  /** What is wrong there, for example `must be string`. */
  readonly problem: string;
}

/** One step on the way through a value. */
interface Place {
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: string;
}

/**
 * Returns the first fault of a value, undefined if it is valid. Checks only the keywords of {@link
 * Schema}.
 */
export function findFault(schema: Schema, value: unknown): SchemaFault | undefined {
  return faultAt({ schema, value, path: "" });
}

function faultAt(place: Place): SchemaFault | undefined {
  const { schema, value, path } = place;
  const type = schema.type ?? "";
  const isType = TYPES.get(type);
  if (isType !== undefined && !isType(value)) return { path, problem: `must be ${type}` };
  if (schema.const !== undefined && value !== schema.const) {
    return { path, problem: `must be ${JSON.stringify(schema.const)}` };
  }
  if (typeof value === "string") return patternFault(place, value);
  if (typeof value === "number") return boundsFault(place, value);
  if (Array.isArray(value)) return itemsFault(place, value);
  return typeof value === "object" && value !== null ? propertiesFault(place, value) : undefined;
}

const TYPES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["string", (value) => typeof value === "string"],
  ["boolean", (value) => typeof value === "boolean"],
  ["number", (value) => Number.isFinite(value)],
  ["integer", (value) => Number.isInteger(value)],
  ["array", (value) => Array.isArray(value)],
  ["object", (value) => typeof value === "object" && value !== null && !Array.isArray(value)],
]);

/** Compiled once: each value of a long list would compile its pattern again. */
const patterns = new Map<string, RegExp>();

function patternFault({ schema, path }: Place, value: string): SchemaFault | undefined {
  const { pattern } = schema;
  if (pattern === undefined) return undefined;
  const compiled = patterns.get(pattern) ?? new RegExp(pattern, "u");
  patterns.set(pattern, compiled);
  return compiled.test(value) ? undefined : { path, problem: `must match pattern "${pattern}"` };
}

function boundsFault({ schema, path }: Place, value: number): SchemaFault | undefined {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (value < minimum) return { path, problem: `must be >= ${minimum}` };
  return value > maximum ? { path, problem: `must be <= ${maximum}` } : undefined;
}

function itemsFault({ schema, path }: Place, value: readonly unknown[]): SchemaFault | undefined {
  const { items, maxItems = Infinity } = schema;
  if (value.length > maxItems)
    return { path, problem: `must not have more than ${maxItems} items` };
  if (items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const fault = faultAt({ schema: items, value: item, path: inside(path, String(index)) });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function propertiesFault({ schema, path }: Place, value: object): SchemaFault | undefined {
  const { required = [], properties = {}, patternProperties = {} } = schema;
  const missing = required.filter((key) => !Object.hasOwn(value, key));
  if (missing.length > 0) {
    return { path, problem: `must have required properties ${missing.join(", ")}` };
  }
  const [anyValue] = Object.values(patternProperties);
  for (const [key, property] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : anyValue;
    if (known === undefined) continue;
    const fault = faultAt({ schema: known, value: property, path: inside(path, key) });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function inside(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
