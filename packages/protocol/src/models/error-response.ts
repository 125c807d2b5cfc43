import {
  integerSchema,
  objectSchema,
  optional,
  type Static,
  stringSchema,
} from "../schema/schema.js";

/** Schema of {@link ErrorResponse}. */
export const ErrorResponseSchema = objectSchema({
  error: objectSchema({
    code: optional(integerSchema()),
    message: optional(stringSchema()),
    reason: optional(stringSchema()),
    requestID: optional(stringSchema()),
  }),
});
/**
 * A reply that reports a fault. `code` is the HTTP status again; `reason` (an extension) is a code of the error catalogue and
 * `requestID` (an extension) finds the request in the library's log.
 */
export type ErrorResponse = Static<typeof ErrorResponseSchema>;
