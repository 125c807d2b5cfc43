import {
  type DsseVerifier,
  readCertificateKey,
  readPublicKeys,
  type TrustedKeys,
} from "@sifshelf/sif";

import type { CliContext } from "../context/context.js";
import { keyMaterialIn } from "./key-format.js";
import { namingFile, readKeyFile } from "./read-key-file.js";

/** Files with trusted keys and certificates. */
export interface TrustFiles {
  /** Public keys: PGP, armored or binary, or PEM. */
  readonly keys: readonly string[];
  /** The signer's certificate and its chain. */
  readonly certificate?: CertificateFiles;
}

/** Files with certificates in PEM. */
export interface CertificateFiles {
  readonly leaf: string;
  readonly intermediates: readonly string[];
  readonly roots: readonly string[];
}

type Surroundings = Pick<CliContext, "cwd" | "signal">;

/**
 * Reads the trusted keys of a verification. The PGP code is loaded only if there are PGP keys.
 *
 * @throws {KeyError}, and errors of the file system
 */
export async function readTrustedKeys(
  { keys: files, certificate }: TrustFiles,
  context: Surroundings,
): Promise<TrustedKeys> {
  const pgpInputs: (string | Uint8Array)[] = [];
  const keys: DsseVerifier[] = [];
  for (const file of files) {
    const bytes = await readKeyFile(file, context);
    await namingFile(file, async () => {
      for (const material of keyMaterialIn(bytes, "public")) {
        if (material.format === "pem") keys.push(...(await readPublicKeys(material.text)));
        else pgpInputs.push(await requirePgpKeys(material.input));
      }
    });
  }
  if (certificate !== undefined) keys.push(await readCertificate(certificate, context));
  if (pgpInputs.length === 0) return { keys };
  const { readPgpKeys } = await import("@sifshelf/sif/pgp");
  return { keys, pgp: await readPgpKeys(pgpInputs) };
}

/** Reads the keys of one file by themselves, so that an error can name the file. */
async function requirePgpKeys(input: string | Uint8Array): Promise<string | Uint8Array> {
  const { readPgpKeys } = await import("@sifshelf/sif/pgp");
  await readPgpKeys([input]);
  return input;
}

async function readCertificate(
  { leaf, intermediates, roots }: CertificateFiles,
  context: Surroundings,
): Promise<DsseVerifier> {
  return namingFile(leaf, async () =>
    readCertificateKey({
      certificate: await readPem([leaf], context),
      ...(intermediates.length === 0
        ? {}
        : { intermediates: await readPem(intermediates, context) }),
      roots: await readPem(roots, context),
    }),
  );
}

async function readPem(files: readonly string[], context: Surroundings): Promise<string> {
  const texts: string[] = [];
  for (const file of files) {
    texts.push(new TextDecoder().decode(await readKeyFile(file, context)));
  }
  return texts.join("\n");
}
