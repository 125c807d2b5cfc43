import { isIPv4, isIPv6 } from "node:net";

/** Where a server listens. */
export interface ListenAddress {
  /** A host name or an IP address, without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/;
const HOST_NAME =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const LOOKS_NUMERIC = /^[0-9.]+$/;
const MAX_PORT = 65_535;

/** The address that `HOST:PORT` or `[IPV6]:PORT` means; `undefined` for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain = "", portText] = HOST_AND_PORT.exec(text) ?? [];
  const port = Number(portText);
  if (portText === undefined || port > MAX_PORT) return undefined;
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  return isHost(plain) ? { host: plain, port } : undefined;
}

/** `HOST:PORT`, with brackets where they are needed. */
export function formatListenAddress(address: ListenAddress): string {
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

function isHost(text: string): boolean {
  return LOOKS_NUMERIC.test(text) ? isIPv4(text) : text.length <= 253 && HOST_NAME.test(text);
}
