import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import type { LibraryClientOptions } from "@sifshelf/client";

import { CliError } from "../errors/cli-error.js";
import type { CliContext } from "../context/context.js";
import { proxySettings } from "./proxy-settings.js";

/** Largest file of certificates, in bytes; the lists of operating systems have less than 1 MiB. */
const MAX_CA_BYTES = 16 * 1024 * 1024;

/** How a command reaches the network. */
export type NetworkOptions = Pick<LibraryClientOptions, "ca" | "proxy">;

/** Environment variables that name files of certificates, for many programs. */
const CA_VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] as const;

/**
 * Reads proxies and certificates from the environment, and the certificates in `caFile`.
 *
 * @throws CliError `usage`; the system's error when `caFile` cannot be read.
 */
export async function networkOptions(
  { caFile }: { readonly caFile?: string | undefined },
  { cwd, env }: Pick<CliContext, "cwd" | "env">,
): Promise<NetworkOptions> {
  const proxy = proxySettings(env);
  const named = caFile === undefined ? [] : [await readCertificates(resolve(cwd, caFile))];
  const files = CA_VARIABLES.map((name) => env[name] ?? "").filter((path) => path !== "");
  const found = await Promise.all(files.map((path) => certificatesIn(resolve(cwd, path))));
  const ca = [...named, ...found.filter((text) => text !== undefined)].join("\n");
  return { ...(proxy === undefined ? {} : { proxy }), ...(ca === "" ? {} : { ca }) };
}

async function readCertificates(path: string): Promise<string> {
  const text = await readFile(path, "latin1");
  if (isCertificates(text)) return text;
  throw new CliError("usage", `${path} contains no PEM certificates`, {
    next: "use the file of your site's certificate authority",
  });
}

/**
 * Undefined if there are none. As in other programs, a variable without a usable file is ignored.
 */
async function certificatesIn(path: string): Promise<string | undefined> {
  const text = await readFile(path, "latin1").catch(() => "");
  return isCertificates(text) ? text : undefined;
}

function isCertificates(text: string): boolean {
  return text.length <= MAX_CA_BYTES && text.includes("-----BEGIN CERTIFICATE-----");
}
