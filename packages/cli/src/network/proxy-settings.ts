import { BlockList, isIP } from "node:net";

import { CliError } from "../errors/cli-error.js";

type Env = Readonly<Record<string, string | undefined>>;

/** Returns the proxy for a URL; undefined: none. */
export type ProxyFor = (url: URL) => URL | undefined;

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` as curl does: lower-case names take
 * precedence, and upper-case `HTTP_PROXY` is ignored where a web server may have set it from a
 * request. Undefined without a proxy.
 *
 * `NO_PROXY` lists hosts (including subdomains), `*`, addresses and ranges such as `10.0.0.0/8`,
 * each with an optional port.
 *
 * @throws CliError `usage` for a proxy that is not an HTTP URL.
 */
export function proxySettings(env: Env): ProxyFor | undefined {
  const allProxy = valueOf(env, "all_proxy");
  const isWebServer = env["REQUEST_METHOD"] !== undefined;
  const httpProxy = isWebServer ? env["http_proxy"] : valueOf(env, "http_proxy");
  const secure = parseProxy("HTTPS_PROXY", valueOf(env, "https_proxy") ?? allProxy);
  const plain = parseProxy("HTTP_PROXY", httpProxy ?? allProxy);
  if (secure === undefined && plain === undefined) return undefined;
  const isExempt = parseExemptions(valueOf(env, "no_proxy") ?? "");
  return (url) => {
    if (isExempt(url)) return undefined;
    return url.protocol === "https:" ? secure : plain;
  };
}

function valueOf(env: Env, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()];
  return value === "" ? undefined : value;
}

function parseProxy(name: string, value: string | undefined): URL | undefined {
  if (value === undefined) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  // The value may hold a password and is not shown.
  throw new CliError("usage", `the environment's ${name} is not an http or https URL`, {
    next: "correct or unset it",
  });
}

interface Exemption {
  readonly port: string;
  readonly matches: (host: string) => boolean;
}

function parseExemptions(list: string): (url: URL) => boolean {
  const exemptions = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .map(parseExemption);
  return ({ hostname, port, protocol }) => {
    const host = bare(hostname.toLowerCase());
    const usualPort = protocol === "https:" ? "443" : "80";
    return exemptions.some(
      (exemption) =>
        (exemption.port === "" || exemption.port === (port || usualPort)) &&
        exemption.matches(host),
    );
  };
}

const WITH_PORT = /^(?<host>\[[^\]]*\]|[^:]*):(?<port>[0-9]+)$/;

function parseExemption(entry: string): Exemption {
  const { host = entry, port = "" } = WITH_PORT.exec(entry)?.groups ?? {};
  const name = bare(host.toLowerCase()).replace(/\.$/, "");
  if (name === "*") return { port, matches: () => true };
  return { port, matches: rangeMatcher(name) ?? nameMatcher(name) };
}

/** Matches an address or a range of addresses; undefined for a name. */
function rangeMatcher(text: string): ((host: string) => boolean) | undefined {
  const [address = "", bits] = text.split("/", 2);
  const version = isIP(address);
  if (version === 0) return undefined;
  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > width) return () => false;
  const range = new BlockList();
  range.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  return (host) => {
    const hostVersion = isIP(host);
    return hostVersion !== 0 && range.check(host, hostVersion === 4 ? "ipv4" : "ipv6");
  };
}

function nameMatcher(text: string): (host: string) => boolean {
  const name = text.replace(/^\*?\./, "");
  return (host) => {
    const given = host.replace(/\.$/, "");
    return name !== "" && (given === name || given.endsWith(`.${name}`));
  };
}

function bare(host: string): string {
  return host.replaceAll(/^\[|\]$/g, "");
}
