declare const VALUE: unique symbol;
const OPTIONAL: unique symbol = Symbol("optional");

/**
 * A JSON Schema (draft 2020-12, of which it uses these keywords) for values of type `T`. `default`
 * is the value that `decode` uses for an absent one.
 */
export interface Schema<T = unknown> {
  /** Exists in types only. */
  readonly [VALUE]?: T;
  readonly type?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Schema of all properties of a map, under the one pattern that matches every name. */
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

/** The type of a schema's values. */
export type Static<S> = S extends Schema<infer T> ? T : never;

/** The schema of an optional property. */
export interface OptionalSchema<T> extends Schema<T> {
  readonly [OPTIONAL]: true;
}

type OptionalKeys<P> = {
  [Key in keyof P]: P[Key] extends OptionalSchema<unknown> ? Key : never;
}[keyof P];

type ObjectOf<P> = Plain<
  { -readonly [Key in Exclude<keyof P, OptionalKeys<P>>]: Static<P[Key]> } & {
    -readonly [Key in OptionalKeys<P>]?: Static<P[Key]>;
  }
>;

/** Flattens an intersection into one object type. */
type Plain<T> = { [Key in keyof T]: T[Key] };

/** What a schema may specify besides its type. */
type Details<T, Keyword extends keyof Schema> = Pick<Schema, Keyword> & { readonly default?: T };

/** Text; `pattern` is a regular expression with the flag `u`. */
export const stringSchema = (details: Details<string, "pattern"> = {}): Schema<string> => ({
  type: "string",
  ...details,
});

/** A whole number; bounds are included. */
export const integerSchema = (
  details: Details<number, "minimum" | "maximum"> = {},
): Schema<number> => ({ type: "integer", ...details });

/** `true` or `false`. */
export const booleanSchema = (details: Details<boolean, never> = {}): Schema<boolean> => ({
  type: "boolean",
  ...details,
});

/** This number and no other. */
export const constantSchema = <const T extends number>(
  value: T,
  details: Details<T, never> = {},
): Schema<T> => ({ type: "number", const: value, ...details });

/** A list. */
export const arraySchema = <T>(
  items: Schema<T>,
  details: Details<T[], "maxItems"> = {},
): Schema<T[]> => ({ type: "array", items, ...details });

/** A map from any text. */
export const recordSchema = <T>(
  values: Schema<T>,
  details: Details<Record<string, T>, never> = {},
): Schema<Record<string, T>> => ({
  type: "object",
  patternProperties: { "^.*$": values },
  ...details,
});

/** An object with these properties; others are ignored. */
export const objectSchema = <P extends Readonly<Record<string, Schema>>>(
  properties: P,
  details: Details<ObjectOf<P>, never> = {},
): Schema<ObjectOf<P>> => ({
  type: "object",
  required: Object.keys(properties).filter((key) => !isOptional(properties[key])),
  properties,
  ...details,
});

/** An optional property. */
export const optional = <T>(schema: Schema<T>): OptionalSchema<T> => ({
  ...schema,
  [OPTIONAL]: true,
});

function isOptional(schema: Schema | undefined): boolean {
  return schema !== undefined && OPTIONAL in schema;
}
