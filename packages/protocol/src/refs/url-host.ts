import { isIpv6Literal } from "./ipv6-literal.js";
import { RefError } from "./ref-error.js";
import { type RefSpan, splitSpan, sliceSpan } from "./ref-span.js";
import { unescapeUrl } from "./url-escape.js";

const OPTIONAL_PORT = /^(?::[0-9]*)?$/;

/**
 * Parses the host of a URL without user info: unescaped, with its port as written. As Go's
 * `net/url` does for schemes other than HTTP's. Throws {@link RefError} `ref-url-not-valid`.
 */
export function parseUrlHost(host: RefSpan): string {
  const open = host.text.lastIndexOf("[");
  if (open === 0) return parseIpLiteral(host);
  if (open > 0) throw invalid(sliceSpan(host, open), "has a bracket inside a host");
  const colon = host.text.lastIndexOf(":");
  if (colon >= 0) checkPort(sliceSpan(host, colon));
  return unescapeUrl(host, "host");
}

function parseIpLiteral(host: RefSpan): string {
  const close = host.text.lastIndexOf("]");
  if (close < 0) throw invalid(host, "has an IPv6 address without its closing bracket");
  const port = sliceSpan(host, close + 1);
  checkPort(port);
  const literal = sliceSpan(host, 1, close);
  const address = unescapeZoned(literal);
  if (!isIpv6Literal(address))
    throw invalid(literal, "has brackets around text that is not an IPv6 address");
  return `[${address}]${port.text}`;
}

/** In an address, `%25` begins the zone (RFC 6874), which has its own escaping rules. */
function unescapeZoned(literal: RefSpan): string {
  const { before, found } = splitSpan(literal, "%25");
  if (!found) return unescapeUrl(literal, "host");
  const zone = sliceSpan(literal, before.text.length);
  return unescapeUrl(before, "host") + unescapeUrl(zone, "zone");
}

function checkPort(port: RefSpan): void {
  if (!OPTIONAL_PORT.test(port.text)) throw invalid(port, "has a port that is not a number");
}

function invalid(span: RefSpan, problem: string): RefError {
  return new RefError("ref-url-not-valid", span, problem);
}
