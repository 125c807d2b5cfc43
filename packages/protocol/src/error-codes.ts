/** One entry of the catalogue of errors that a library reports. */
export interface ErrorCodeEntry {
  /** HTTP status of the reply. */
  readonly status: number;
  /** What happened, as a clause. */
  readonly meaning: string;
  /** What the user can do next. */
  readonly advice: string;
}

/**
 * Every error that a library reports, by its stable code. The code is sent as `error.reason` along
 * with the status. Clients go by the status first, because other libraries send no reason.
 */
export const ERROR_CODES = {
  "bad-request": {
    status: 400,
    meaning: "the request is malformed",
    advice: "correct the input that the message names",
  },
  "ref-not-valid": {
    status: 400,
    meaning: "the ref, name or hash is not valid",
    advice: "use lower-case letters, digits and single dots, dashes or underscores between them",
  },
  "tag-not-valid": {
    status: 400,
    meaning: "the tag is not valid",
    advice: "use lower-case letters, digits and single dots, dashes or underscores between them",
  },
  unauthorized: {
    status: 401,
    meaning: "the token is missing, unknown, revoked or expired",
    advice: "log in again, or request a new token",
  },
  forbidden: {
    status: 403,
    meaning: "the token does not allow this",
    advice: "use a token with the scope that the message names, or ask the owner of the entity",
  },
  "not-found": {
    status: 404,
    meaning: "the object does not exist, or is not visible with this token",
    advice: "check the ref and the arch; log in if it may be private",
  },
  "method-not-allowed": {
    status: 405,
    meaning: "the path does not support this method",
    advice: "check the base URL of the library",
  },
  "request-timeout": {
    status: 408,
    meaning: "the request made no progress",
    advice: "try again; if it happens again, check the network",
  },
  conflict: {
    status: 409,
    meaning: "the request conflicts with the current state",
    advice: "check the current state and try again",
  },
  "upload-closed": {
    status: 409,
    meaning: "the upload is finished, aborted or expired",
    advice: "start a new upload; the bytes of the old one are gone",
  },
  "length-required": {
    status: 411,
    meaning: "the request does not state the length of its body",
    advice: "send a Content-Length header",
  },
  "too-large": {
    status: 413,
    meaning: "the body or the image is larger than allowed",
    advice: "send less, or ask the site's admin to raise the limit",
  },
  "unsupported-encoding": {
    status: 415,
    meaning: "the body is compressed or encoded",
    advice: "send the plain bytes, without Content-Encoding",
  },
  "range-not-satisfiable": {
    status: 416,
    meaning: "the range lies outside the image",
    advice: "request a range within the size of the image",
  },
  "digest-mismatch": {
    status: 422,
    meaning: "the received bytes do not match the announced digest",
    advice: "push again; if it happens again, check memory, disk and network",
  },
  "size-mismatch": {
    status: 422,
    meaning: "the number of received bytes differs from the announced size",
    advice: "push again",
  },
  "not-a-sif": {
    status: 422,
    meaning: "the file is not a valid SIF image",
    advice: "push a SIF file, or ask the site's admin to allow other files",
  },
  "headers-too-large": {
    status: 431,
    meaning: "the headers are larger than allowed",
    advice: "send fewer or shorter headers",
  },
  "rate-limited": {
    status: 429,
    meaning: "too many requests",
    advice: "wait as long as Retry-After says",
  },
  internal: {
    status: 500,
    meaning: "the library failed",
    advice: "try again; if it happens again, give the site's admin the request id",
  },
  unavailable: {
    status: 503,
    meaning: "the library cannot serve requests at the moment",
    advice: "try again later",
  },
  "storage-full": {
    status: 507,
    meaning: "the library's storage or the quota is full",
    advice: "delete images that are no longer needed, or ask the site's admin for more space",
  },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether `text` is a code of the catalogue. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}

/**
 * The code for a reply's status. `reason` (the reply's machine-readable field, if present) refines
 * the result only within the same status; an unknown status of 500 and above is `internal`, any
 * other is `undefined`.
 */
export function errorCodeOf(status: number, reason?: string): ErrorCode | undefined {
  if (reason !== undefined && isErrorCode(reason) && ERROR_CODES[reason].status === status) {
    return reason;
  }
  const byStatus = Object.entries(ERROR_CODES).find(([, entry]) => entry.status === status)?.[0];
  if (byStatus !== undefined && isErrorCode(byStatus)) return byStatus;
  return status >= 500 && status <= 599 ? "internal" : undefined;
}
