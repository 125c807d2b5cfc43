import { Fault } from "../faults/fault.js";

// More than any token or user name that is ever issued, and than Singularity's own limit for tokens
// (4096).
const MAX_HEADER_LENGTH = 8192;

const SCHEME_AND_VALUE = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?: +(.*))?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * The token in an Authorization header; undefined without one: no header, an empty one, or a scheme
 * without a value, which logged-out Singularity clients send. The scheme is `Bearer`, in either
 * case, or `Basic` with the token as the password. Does not check the token itself.
 *
 * @throws Fault `unauthorized` for any other header.
 */
export function credentialOf(header: string | undefined): string | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const [, scheme, value = ""] =
    (text.length <= MAX_HEADER_LENGTH && SCHEME_AND_VALUE.exec(text)) || [];
  switch (scheme?.toLowerCase()) {
    case "bearer":
      return emptyIsNone(value);
    case "basic":
      return emptyIsNone(passwordOf(value));
    default:
      throw new Fault(
        "unauthorized",
        "the Authorization header is not valid; send `Bearer` and a token",
      );
  }
}

function passwordOf(base64: string): string {
  if (base64 === "") return "";
  const text = BASE64.test(base64) ? Buffer.from(base64, "base64").toString("utf8") : "";
  const colon = text.indexOf(":");
  if (colon === -1) {
    throw new Fault(
      "unauthorized",
      "the Basic credential is not valid; send any user name and a token as password",
    );
  }
  return text.slice(colon + 1);
}

function emptyIsNone(value: string): string | undefined {
  return value === "" ? undefined : value;
}
