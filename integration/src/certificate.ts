import { execFileSync, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Whether this machine has openssl, which creates the certificates. */
export const HAS_OPENSSL = spawnSync("openssl", ["version"]).status === 0;

/** Added to a test's name where it cannot run, so that the report says so. */
export const OPENSSL_SKIPPED = HAS_OPENSSL ? "" : " (SKIPPED: no openssl)";

/** A certificate for loopback that programs trust only if configured to. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** File of the certificate, PEM. */
  readonly path: string;
}

/** Creates a certificate in `folder`; `name` is the name of its files. */
export async function makeCertificate(folder: string, name: string): Promise<Certificate> {
  const [keyPath, path] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-nodes", "-days", "2", "-keyout", keyPath, "-out", path];
  execFileSync("openssl", [...request, ...names, ...files], { stdio: "ignore" });
  return { key: await readFile(keyPath, "utf8"), cert: await readFile(path, "utf8"), path };
}
