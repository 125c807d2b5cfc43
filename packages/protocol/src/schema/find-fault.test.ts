import fc from "fast-check";
import Value from "typebox/value";
import { describe, expect, it } from "vitest";

import { findFault } from "./find-fault.js";
import * as protocol from "../index.js";
import {
  arraySchema,
  booleanSchema,
  constantSchema,
  integerSchema,
  objectSchema,
  optional,
  recordSchema,
  type Schema,
  stringSchema,
} from "./schema.js";

const SCHEMAS = Object.entries<unknown>({ ...protocol }).filter(
  (entry): entry is [string, Schema] => /^[A-Z].*Schema$/.test(entry[0]),
);

/** Values that fit a schema, and some that miss it in one place. */
function almost(schema: Schema): fc.Arbitrary<unknown> {
  const right = fitting(schema);
  return fc.oneof({ weight: 9, arbitrary: right }, fc.jsonValue());
}

function fitting({ type, const: constant, ...schema }: Schema): fc.Arbitrary<unknown> {
  if (constant !== undefined) return fc.oneof(fc.constant(constant), fc.integer());
  if (type === "string") return fc.oneof(fc.constant(schema.default ?? ""), fc.string());
  if (type === "boolean") return fc.boolean();
  if (type === "array") return fc.array(almost(schema.items ?? {}), { maxLength: 4 });
  if (type !== "object") return fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger());
  const [values] = Object.values(schema.patternProperties ?? {});
  if (values !== undefined) return fc.dictionary(fc.string(), almost(values), { maxKeys: 4 });
  const properties = Object.entries(schema.properties ?? {});
  const fields = Object.fromEntries(properties.map(([key, field]) => [key, almost(field)]));
  return fc.record(fields, { requiredKeys: [...(schema.required ?? [])].slice(0, -1) });
}

describe("findFault", () => {
  it("knows the schemas of the protocol", () => {
    expect(SCHEMAS.length).toBeGreaterThan(25);
  });

  it.each(SCHEMAS)(
    "takes and refuses values of %s as a validator of JSON Schema does",
    (_, schema) => {
      fc.assert(
        fc.property(fc.oneof(almost(schema), fc.jsonValue()), (value) => {
          expect(findFault(schema, value) === undefined).toBe(Value.Check(schema, value));
        }),
        { numRuns: 200 },
      );
    },
  );

  it.each<[Schema, unknown, string, string]>([
    [stringSchema(), 1, "", "must be string"],
    [stringSchema({ pattern: "^a+$" }), "b", "", 'must match pattern "^a+$"'],
    [stringSchema({ pattern: "^.$" }), "😀😀", "", 'must match pattern "^.$"'],
    [integerSchema(), 1.5, "", "must be integer"],
    [integerSchema(), Number.NaN, "", "must be integer"],
    [integerSchema(), "1", "", "must be integer"],
    [integerSchema({ minimum: 0 }), -1, "", "must be >= 0"],
    [integerSchema({ maximum: 3 }), 4, "", "must be <= 3"],
    [booleanSchema(), 0, "", "must be boolean"],
    [constantSchema(1), 2, "", "must be 1"],
    [constantSchema(1), "1", "", "must be number"],
    [arraySchema(stringSchema()), {}, "", "must be array"],
    [arraySchema(stringSchema()), ["a", 1], "1", "must be string"],
    [arraySchema(stringSchema(), { maxItems: 1 }), [1, 2], "", "must not have more than 1 items"],
    [recordSchema(integerSchema()), [], "", "must be object"],
    [recordSchema(integerSchema()), { a: 1, "b\nc": "x" }, "b\nc", "must be integer"],
    [
      recordSchema(integerSchema()),
      JSON.parse('{"__proto__":"x"}'),
      "__proto__",
      "must be integer",
    ],
    [objectSchema({ a: stringSchema() }), null, "", "must be object"],
    [objectSchema({ a: stringSchema() }), {}, "", "must have required properties a"],
    [objectSchema({ toString: stringSchema() }), {}, "", "must have required properties toString"],
    [objectSchema({ a: optional(stringSchema()) }), { a: 1 }, "a", "must be string"],
    [
      objectSchema({ a: arraySchema(objectSchema({ b: booleanSchema() })) }),
      { a: [{ b: true }, { b: 1 }] },
      "a.1.b",
      "must be boolean",
    ],
  ])("finds what is wrong by %j in %j", (schema, value, path, problem) => {
    expect(findFault(schema, value)).toEqual({ path, problem });
  });

  it.each<[Schema, unknown]>([
    [stringSchema({ pattern: "^.$" }), "😀"],
    [integerSchema({ minimum: 1, maximum: 3 }), 1],
    [integerSchema({ minimum: 1, maximum: 3 }), 3],
    [constantSchema(1), 1],
    [recordSchema(stringSchema()), {}],
    [objectSchema({ a: optional(stringSchema()) }), {}],
    [objectSchema({}), { other: 1 }],
    [{}, undefined],
  ])("finds nothing wrong by %j in %j", (schema, value) => {
    expect(findFault(schema, value)).toBeUndefined();
  });
});
