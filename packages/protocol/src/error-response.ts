import Type, { type Static } from "typebox";

/** Schema of {@link ErrorResponse}. */
export const ErrorResponseSchema = Type.Object({
  error: Type.Object({
    code: Type.Optional(Type.Integer()),
    message: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    requestID: Type.Optional(Type.String()),
  }),
});
/**
 * A reply that reports a fault. `code` is the HTTP status again; `reason` (an extension) is a code of the error catalogue and
 * `requestID` (an extension) finds the request in the library's log.
 */
export type ErrorResponse = Static<typeof ErrorResponseSchema>;
