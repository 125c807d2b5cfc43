import {
  type DsseSigner,
  isKeyError,
  KeyError,
  type PgpSigningKey,
  readSigningKey,
  type SigningKeys,
} from "@sifshelf/sif";
import { createPrivateKey } from "node:crypto";

import type { CliContext } from "../context/context.js";
import { keyMaterialIn } from "./key-format.js";
import { namingFile, readKeyFile } from "./read-key-file.js";

/** Returns the passphrase of the key in a file; called only for locked keys. */
export type PassphraseOf = (file: string) => Promise<string>;

/**
 * Reads the keys to sign with from files: one PGP key, or any number of keys in PEM.
 *
 * @throws {KeyError} `key-locked` when a passphrase does not unlock the key, `key-unsupported` for
 *   several PGP keys or a mix
 * @throws what `passphraseOf` throws, and errors of the file system
 */
export async function readSigningKeys(
  files: readonly string[],
  passphraseOf: PassphraseOf,
  context: Pick<CliContext, "cwd" | "signal">,
): Promise<SigningKeys> {
  const pgp: PgpSigningKey[] = [];
  const keys: DsseSigner[] = [];
  for (const file of files) {
    const bytes = await readKeyFile(file, context);
    await namingFile(file, async () => {
      for (const material of keyMaterialIn(bytes, "private")) {
        const locked = { file, passphraseOf };
        if (material.format === "pem") keys.push(await readPemKey(material.text, locked));
        else pgp.push(await readPgpKey(material.input, locked));
      }
    });
  }
  const [first, ...others] = pgp;
  if (first === undefined) return { keys };
  if (others.length === 0 && keys.length === 0) return { pgp: first };
  throw new KeyError(
    "key-unsupported",
    "sign with one PGP key, or with PEM keys; run sign once for each PGP key",
  );
}

/** How to unlock the keys in a file. */
interface Unlocking {
  readonly file: string;
  readonly passphraseOf: PassphraseOf;
}

async function readPgpKey(
  input: string | Uint8Array,
  { file, passphraseOf }: Unlocking,
): Promise<PgpSigningKey> {
  const { readPgpSigningKey } = await import("@sifshelf/sif/pgp");
  try {
    return await readPgpSigningKey(input);
  } catch (error) {
    if (!isKeyError(error) || error.code !== "key-locked") throw error;
  }
  return readPgpSigningKey(input, { passphrase: await passphraseOf(file) });
}

const ENCRYPTED_PEM = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

async function readPemKey(text: string, { file, passphraseOf }: Unlocking): Promise<DsseSigner> {
  if (!ENCRYPTED_PEM.test(text)) return readSigningKey(text);
  return readSigningKey(decryptPem(text, await passphraseOf(file)));
}

function decryptPem(text: string, passphrase: string): string {
  try {
    const key = createPrivateKey({ key: text, passphrase });
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch (error) {
    const found = "the passphrase does not unlock the key, or the key is damaged";
    throw new KeyError("key-locked", found, { cause: error });
  }
}
