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
 * A reply that reports an error. `code` repeats the HTTP status; `reason` (an extension) is a code
 * of the error catalogue and `requestID` (an extension) identifies the request in the library's
 * log.
 */
export type ErrorResponse = Static<typeof ErrorResponseSchema>;
