import {
  arraySchema,
  booleanSchema,
  integerSchema,
  objectSchema,
  type Schema,
  stringSchema,
} from "./schema.js";

/** Go's zero time: what the Go package sends for a time that was never set. */
export const GO_ZERO_TIME = "0001-01-01T00:00:00Z";

const RFC_3339 =
  "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$";

/** A text field; absent means empty. */
export const text = () => stringSchema({ default: "" });

/** A list of texts (names or ids); absent or `null` means empty. */
export const texts = () => arraySchema(stringSchema(), { default: [] });

/** A boolean field; absent means false. */
export const flag = () => booleanSchema({ default: false });

/**
 * A count or a size in bytes. Values above 2^53−1 are rejected, because JSON numbers lose precision
 * there.
 */
export const count = () =>
  integerSchema({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 });

/** A time as RFC 3339 text, the only form Go clients can read. */
export const timestamp = () => stringSchema({ pattern: RFC_3339 });

/** A required time; absent means {@link GO_ZERO_TIME}. */
export const timestampOrZero = () => stringSchema({ pattern: RFC_3339, default: GO_ZERO_TIME });

/** The success envelope of every library reply: `{"data": …}`. */
export const envelope = <T>(data: Schema<T>) => objectSchema({ data });
