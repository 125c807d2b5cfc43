import type { ErrorCode } from "@sifshelf/protocol";

const BRAND = Symbol.for("sifshelf.LibraryError");

/**
 * What went wrong, as a stable code. The codes of the protocol's catalogue are errors that the
 * library reported. The others are detected by this client:
 *
 * - `network`: the connection failed or broke.
 * - `timeout`: less than 1 KiB moved for as long as the options allow.
 * - `integrity`: the bytes are not the ones that the library's record names.
 * - `protocol`: the reply does not follow the protocol.
 * - `unexpected-status`: the reply has a status with no meaning here.
 * - `redirect-refused`: a redirect or upload URL that must not be followed.
 * - `no-ranges`: a range is needed, and the library sends the image only as a whole.
 * - `option-not-valid`: an option or argument of the call is not valid.
 * - `source-changed`: the file to push changed while it was read.
 * - `file-not-readable`, `file-not-writable`, `file-exists`: files on this machine.
 */
export type LibraryErrorCode =
  | ErrorCode
  | "network"
  | "timeout"
  | "integrity"
  | "protocol"
  | "unexpected-status"
  | "redirect-refused"
  | "no-ranges"
  | "option-not-valid"
  | "source-changed"
  | "file-not-readable"
  | "file-not-writable"
  | "file-exists";

/** Details of a {@link LibraryError}. Every field is optional. */
export interface LibraryErrorDetails {
  /** HTTP status of the reply that reported the error. */
  readonly status?: number | undefined;
  /** HTTP method of the request. */
  readonly method?: string | undefined;
  /** URL of the request, without user info and query, which may hold secrets. */
  readonly url?: string | undefined;
  /** Identifies the request in the library's log. */
  readonly requestId?: string | undefined;
  /** The library's message, shortened, on one line. */
  readonly serverMessage?: string | undefined;
  /** How long the library asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the same request may succeed later. Default: decided by code and status. */
  readonly retryable?: boolean | undefined;
  /** With `integrity`: what the library's record says, a size in bytes or an image hash. */
  readonly expected?: string | number | undefined;
  /** With `integrity`: what arrived, of the same kind. */
  readonly actual?: string | number | undefined;
  /** Tags that were set before the request failed. */
  readonly tagsSet?: readonly string[] | undefined;
  /** The underlying error, without secrets. */
  readonly cause?: unknown;
}

/**
 * Every failure of this package except aborts, which reject with the signal's own reason, and
 * invalid refs, which throw `RefError`. Recognise it with {@link isLibraryError} and act on `code`.
 */
export class LibraryError extends Error {
  readonly code: LibraryErrorCode;
  /** Whether the same request may succeed later without any change. */
  readonly retryable: boolean;
  declare readonly status?: number;
  declare readonly method?: string;
  declare readonly url?: string;
  declare readonly requestId?: string;
  declare readonly serverMessage?: string;
  declare readonly retryAfterMs?: number;
  declare readonly expected?: string | number;
  declare readonly actual?: string | number;
  declare readonly tagsSet?: readonly string[];

  constructor(code: LibraryErrorCode, message: string, details: LibraryErrorDetails = {}) {
    const { cause, ...fields } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.name = "LibraryError";
    this.code = code;
    this.retryable = mayPass(code, fields.status);
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(known));
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** The error as JSON: all its fields and the message, without stack and cause. */
  toJSON(): object {
    return { ...Object.fromEntries(Object.entries(this)), message: this.message };
  }
}

const RETRYABLE: ReadonlySet<LibraryErrorCode> = new Set([
  "network",
  "timeout",
  "request-timeout",
  "rate-limited",
  "internal",
  "unavailable",
]);

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * The status decides where the library sent one: retrying what it will never be able to do is
 * useless.
 */
function mayPass(code: LibraryErrorCode, status: number | undefined): boolean {
  if (status === undefined || (status >= 200 && status <= 399)) return RETRYABLE.has(code);
  return RETRYABLE_STATUS.has(status);
}

/** Whether `error` is a {@link LibraryError}, including one from another copy of this package. */
export function isLibraryError(error: unknown): error is LibraryError {
  return error instanceof Error && BRAND in error;
}

/**
 * Whether `error` says that there is no such thing, or that it is not visible (Go: `ErrNotFound`).
 */
export function isNotFound(error: unknown): error is LibraryError {
  return isLibraryError(error) && error.code === "not-found";
}

/** Whether `error` says that the token is missing or not accepted (Go: `ErrUnauthorized`). */
export function isUnauthorized(error: unknown): error is LibraryError {
  return isLibraryError(error) && error.code === "unauthorized";
}

/** Returns the error for an option or argument that is not valid. */
export function optionError(problem: string): LibraryError {
  return new LibraryError("option-not-valid", problem);
}

/**
 * Node's and OpenSSL's codes for untrusted certificates, such as `UNABLE_TO_VERIFY_LEAF_SIGNATURE`
 * and `CERT_HAS_EXPIRED`.
 */
const CERTIFICATE_FAULT =
  /^(?:ERR_TLS_CERT_|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** The code of an error from a proxy that requires a password or forbids the host. */
export const PROXY_REFUSAL = "PROXY_REFUSAL";

/** Whether an error, or one of its causes, says that a certificate is not trusted. */
export function isCertificateFault(error: unknown): boolean {
  return codesOf(error).some((code) => CERTIFICATE_FAULT.test(code));
}

/** Whether an error, or one of its causes, says that a proxy permanently refuses the connection. */
export function isProxyRefusal(error: unknown): boolean {
  return codesOf(error).includes(PROXY_REFUSAL);
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  return [...own, ...codesOf(error.cause)];
}
