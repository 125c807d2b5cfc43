import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  type DsseVerifier,
  type PgpKeyring,
  readPublicKeys,
  readSigningKey,
  type SigningKeys,
} from "@sifshelf/sif";
import { readPgpKeys, readPgpSigningKey } from "@sifshelf/sif/pgp";
import { generateKey, type KeyOptions } from "openpgp";

/** A new key of one kind: in memory for us, in files for programs. */
export interface InteropKey {
  readonly kind: string;
  readonly isPgp: boolean;
  /** To sign with. */
  readonly signing: SigningKeys;
  /** To verify with. */
  readonly trusted: { readonly pgp?: PgpKeyring; readonly keys?: readonly DsseVerifier[] };
  /** The private key as `interop/go/sif` takes it. */
  readonly privateFiles: { readonly pgp?: readonly string[]; readonly keys?: readonly string[] };
  /** The public key as `interop/go/sif` takes it. */
  readonly publicFiles: { readonly pgp?: readonly string[]; readonly keys?: readonly string[] };
  /** The armored private key, of PGP keys. */
  readonly armored?: string;
  /** The armored public key, of PGP keys. */
  readonly armoredPublic?: string;
}

const PEM_KINDS: Record<string, () => { privateKey: KeyObject; publicKey: KeyObject }> = {
  "RSA of 2048 bits": () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  "RSA of 3072 bits": () => generateKeyPairSync("rsa", { modulusLength: 3072 }),
  Ed25519: () => generateKeyPairSync("ed25519"),
  "ECDSA P-256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "ECDSA P-384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
  "ECDSA P-521": () => generateKeyPairSync("ec", { namedCurve: "P-521" }),
};

const PGP_KINDS: Record<string, KeyOptions> = {
  "PGP RSA": { userIDs: [{ name: "RSA" }], type: "rsa", rsaBits: 3072 },
  "PGP Ed25519": { userIDs: [{ name: "Ed25519" }], type: "ecc", curve: "ed25519Legacy" },
  "PGP P-256": { userIDs: [{ name: "P-256" }], type: "ecc", curve: "nistP256" },
  "PGP with a signing subkey": {
    userIDs: [{ name: "Subkey" }],
    type: "ecc",
    curve: "ed25519Legacy",
    subkeys: [{ sign: true }],
  },
};

/** The kinds of keys whose signatures are DSSE envelopes. */
export const PEM_KEY_KINDS = Object.keys(PEM_KINDS);
/** The kinds of keys whose signatures are PGP messages. */
export const PGP_KEY_KINDS = Object.keys(PGP_KINDS);

/** Creates a key of that kind and writes its files into a folder. */
export async function makeInteropKey(kind: string, folder: string): Promise<InteropKey> {
  const base = join(folder, `${kind.replaceAll(" ", "-")}-${(made += 1)}`);
  const pgpOptions = PGP_KINDS[kind];
  return pgpOptions === undefined
    ? await makePemKey(kind, base)
    : await makePgpKey({ kind, base }, pgpOptions);
}

let made = 0;

async function makePemKey(kind: string, base: string): Promise<InteropKey> {
  const pair = PEM_KINDS[kind]?.();
  if (pair === undefined) throw new Error(`there is no kind of key ${kind}`);
  const privatePem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  writeFileSync(`${base}.pem`, privatePem);
  writeFileSync(`${base}.pub.pem`, publicPem);
  return {
    kind,
    isPgp: false,
    signing: { keys: [await readSigningKey(privatePem)] },
    trusted: { keys: await readPublicKeys(publicPem) },
    privateFiles: { keys: [`${base}.pem`] },
    publicFiles: { keys: [`${base}.pub.pem`] },
  };
}

async function makePgpKey(
  { kind, base }: { kind: string; base: string },
  options: KeyOptions,
): Promise<InteropKey> {
  const { privateKey, publicKey } = await generateKey({ ...options, format: "armored" });
  writeFileSync(`${base}.asc`, privateKey);
  writeFileSync(`${base}.pub.asc`, publicKey);
  return {
    kind,
    isPgp: true,
    armored: privateKey,
    armoredPublic: publicKey,
    signing: { pgp: await readPgpSigningKey(privateKey) },
    trusted: { pgp: await readPgpKeys([publicKey]) },
    privateFiles: { pgp: [`${base}.asc`] },
    publicFiles: { pgp: [`${base}.pub.asc`] },
  };
}
