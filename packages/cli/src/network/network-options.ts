import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import type { LibraryClientOptions } from "@sifshelf/client";

import { CliError } from "../cli-error.js";
import type { CliContext } from "../context.js";
import { proxySettings } from "./proxy-settings.js";

/** Largest file of certificates that is read; the lists of operating systems have less than 1 MiB. */
const MAX_CA_BYTES = 16 * 1024 * 1024;

/** How a command reaches the network. */
export type NetworkOptions = Pick<LibraryClientOptions, "ca" | "proxy">;

/**
 * What the environment says of proxies, and the certificates of `caFile`.
 *
 * @throws CliError `usage`; the system's error when the file cannot be read.
 */
export async function networkOptions(
  { caFile }: { readonly caFile?: string | undefined },
  { cwd, env }: Pick<CliContext, "cwd" | "env">,
): Promise<NetworkOptions> {
  const proxy = proxySettings(env);
  const ca = caFile === undefined ? undefined : await readCertificates(resolve(cwd, caFile));
  return { ...(proxy === undefined ? {} : { proxy }), ...(ca === undefined ? {} : { ca }) };
}

async function readCertificates(path: string): Promise<string> {
  const text = await readFile(path, "latin1");
  if (text.length <= MAX_CA_BYTES && text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new CliError("usage", `${path} holds no certificates in PEM`, {
    next: "name a file of your site's certificate authority with --ca-file",
  });
}
