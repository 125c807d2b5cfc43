import { generateKeyPairSync } from "node:crypto";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readSigningKey, signSif } from "@sifshelf/sif";
import { editSifFile } from "@sifshelf/sif/node";
import { readPgpSigningKey } from "@sifshelf/sif/pgp";
import { writeSifFile } from "@sifshelf/testing";
import { generateKey } from "openpgp";

import { makeSparseImage } from "../sparse-image.js";

/** A signed image and the file of the key that verifies it. */
export interface SignedImage {
  readonly image: string;
  readonly key: string;
}

/** What is measured. */
export interface BenchImages {
  /** 1 MiB and 1 GiB of pseudo-random data, unsigned. */
  readonly small: string;
  readonly large: string;
  /** A file with a hole of 100 GiB. */
  readonly huge: string;
  /** 1 GiB, signed by an Ed25519 key as a DSSE envelope. */
  readonly dsse: SignedImage;
  /** 1 GiB, signed by an Ed25519 PGP key. */
  readonly pgp: SignedImage;
}

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
const HUGE_BYTES = 100 * GIBIBYTE;

/** Writes the images into a folder; needs 3 GiB. */
export async function makeImages(folder: string): Promise<BenchImages> {
  const path = (name: string): string => join(folder, name);
  await writeSifFile(path("small.sif"), { payloadBytes: MEBIBYTE });
  await writeSifFile(path("large.sif"), { payloadBytes: GIBIBYTE });
  return {
    small: path("small.sif"),
    large: path("large.sif"),
    huge: await makeSparseImage(path("small.sif"), path("huge.sif"), HUGE_BYTES),
    dsse: await makeDsse(path("large.sif"), path("dsse")),
    pgp: await makePgp(path("large.sif"), path("pgp")),
  };
}

async function makeDsse(from: string, base: string): Promise<SignedImage> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signed = { image: `${base}.sif`, key: `${base}.pem` };
  await writeFile(signed.key, publicKey.export({ type: "spki", format: "pem" }));
  await copyFile(from, signed.image);
  const keys = [await readSigningKey(pem)];
  await editSifFile(signed.image, (store) => signSif(store, { keys }));
  return signed;
}

async function makePgp(from: string, base: string): Promise<SignedImage> {
  const key = await generateKey({
    userIDs: [{ name: "Benchmark" }],
    type: "ecc",
    curve: "ed25519Legacy",
  });
  const signed = { image: `${base}.sif`, key: `${base}.asc` };
  await writeFile(signed.key, key.publicKey);
  await copyFile(from, signed.image);
  const pgp = await readPgpSigningKey(key.privateKey);
  await editSifFile(signed.image, (store) => signSif(store, { pgp }));
  return signed;
}
