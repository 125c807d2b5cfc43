import { isIP, isIPv4, isIPv6 } from "node:net";

import { listType, textType } from "./setting-types.js";

/** Where a server listens. */
export interface ListenAddress {
  /** A host name or an IP address, without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/;
const HOST_NAME =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const LOOKS_NUMERIC = /^[0-9.]+$/;
const MAX_PORT = 65_535;

// Names that Fastify's trustProxy (proxy-addr) knows.
const NAMED_RANGES = new Set(["loopback", "linklocal", "uniquelocal"]);

/** An address to listen on. */
export const listenAddressType = textType("HOST:PORT or [IPV6]:PORT", parseListenAddress);

/** A list of proxies: addresses, ranges and the names of ranges. */
export const proxiesType = listType(
  "a list of addresses, ranges such as 10.0.0.0/8, or loopback, linklocal, uniquelocal",
  isProxyAddress,
);

/** Returns the address that `HOST:PORT` or `[IPV6]:PORT` means, or undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain = "", portText] = HOST_AND_PORT.exec(text) ?? [];
  const port = Number(portText);
  if (portText === undefined || port > MAX_PORT) return undefined;
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  return isHost(plain) ? { host: plain, port } : undefined;
}

/** Returns `HOST:PORT`, with brackets where they are needed. */
export function formatListenAddress(address: ListenAddress): string {
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

function isHost(text: string): boolean {
  return LOOKS_NUMERIC.test(text) ? isIPv4(text) : text.length <= 253 && HOST_NAME.test(text);
}

function isProxyAddress(text: string): boolean {
  if (NAMED_RANGES.has(text)) return true;
  const slash = text.indexOf("/");
  if (slash === -1) return isIP(text) !== 0;
  const prefix = text.slice(slash + 1);
  const longest = isIP(text.slice(0, slash)) === 6 ? 128 : 32;
  return (
    isIP(text.slice(0, slash)) !== 0 && /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= longest
  );
}
