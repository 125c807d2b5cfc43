import { generateKeyPairSync } from "node:crypto";
import { buildSif } from "@sifshelf/testing";
import * as fc from "fast-check";
import { generateKey } from "openpgp";
import { beforeAll, describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { readSifDocuments } from "../format/documents.js";
import { isSifFormatError } from "../format/format-error.js";
import { isOciSifError } from "../oci/oci-error.js";
import { readOciSif } from "../oci/read-oci-sif.js";
import { readPgpKeys } from "../pgp/pgp-keyring.js";
import { readPgpSigningKey } from "../pgp/pgp-signing-key.js";
import { readSif, type SifImage } from "../format/read-sif.js";
import { ociBuilder } from "../../testing/oci-image.js";
import { createSif } from "../write/create-sif.js";
import { memorySifStore } from "../write/sif-store.js";
import { coveredDescriptorBytes, coveredHeaderBytes } from "./covered-bytes.js";
import { readPublicKeys } from "../keys/dsse-verifier.js";
import { readSigningKey } from "../keys/dsse-signer.js";
import { isSifIntegrityError } from "./integrity-error.js";
import { signSif } from "./sign-sif.js";
import { verifySif, type VerifySifOptions } from "./verify-sif.js";

/**
 * How often each property is tried; more by hand: `SIF_FUZZ_RUNS=1000000 npx vitest run mutation`.
 */
const RUNS = Number(process.env["SIF_FUZZ_RUNS"] ?? 400);
const TIMEOUT_MS = 20_000 + RUNS * 20;

const mutations = (maxOffset: number) =>
  fc.array(fc.record({ offset: fc.nat(maxOffset - 1), value: fc.integer({ min: 0, max: 255 }) }), {
    minLength: 1,
    maxLength: 4,
  });

function mutated(bytes: Uint8Array, changes: { offset: number; value: number }[]): Uint8Array {
  const copy = bytes.slice();
  for (const { offset, value } of changes) copy[offset] = value;
  return copy;
}

/** What a signature of objects 1 to 3 covers, as one text. */
async function coveredOf(image: SifImage): Promise<string> {
  const objects = image.descriptors.filter(({ group }) => group === 1);
  const chunks = [...coveredHeaderBytes(image.header)];
  for (const object of objects) {
    chunks.push(...coveredDescriptorBytes(object, object.id - (objects[0]?.id ?? 0)));
    chunks.push(await image.source.read(object.offset, object.size));
  }
  return Buffer.concat(chunks).toString("base64");
}

let images: { bytes: Uint8Array; options: VerifySifOptions; covered: string }[];

beforeAll(async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const signer = await readSigningKey(
    privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  );
  const keys = await readPublicKeys(publicKey.export({ type: "spki", format: "pem" }) as string);
  const pgpKey = await generateKey({ userIDs: [{ name: "Test" }] });
  const pgp = await readPgpKeys([pgpKey.publicKey]);
  const at = new Date(Date.now() + 60_000);
  const small = { capacity: 5, payloadBytes: 64 };
  const byKey = memorySifStore(buildSif(small));
  await signSif(byKey, { keys: [signer] });
  const byPgp = memorySifStore(buildSif(small));
  await signSif(byPgp, { pgp: await readPgpSigningKey(pgpKey.privateKey) });
  images = await Promise.all(
    [byKey, byPgp].map(async (store) => ({
      bytes: store.bytes(),
      options: { keys, pgp, at },
      covered: await coveredOf(await readSif(store)),
    })),
  );
});

describe("verifySif with mutated images", () => {
  it.each([
    ["DSSE", 0],
    ["PGP", 1],
  ])(
    "accepts a %s image only if nothing that is covered changed",
    async (_kind, index) => {
      const { bytes, options, covered } = images[index] ?? { bytes: new Uint8Array(), covered: "" };
      await fc.assert(
        fc.asyncProperty(mutations(bytes.length), async (changes) => {
          const verdict = await verdictOf(mutated(bytes, changes), options);
          expect(verdict === "rejected" || verdict === covered).toBe(true);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

describe("readSifDocuments and readOciSif with mutated images", () => {
  it(
    "return or reject with an error of their own",
    async () => {
      const builder = ociBuilder();
      const objects = builder.finish([builder.image("layer", "name")]);
      const store = memorySifStore();
      await createSif(store, { objects, capacity: 5, deterministic: true });
      const sources = [store.bytes(), buildSif({ capacity: 4, payloadBytes: 16 })];
      await fc.assert(
        fc.asyncProperty(fc.nat(1), mutations(9000), async (index, changes) => {
          const source = sources[index] ?? new Uint8Array();
          const start = Math.max(0, source.length - 1500);
          const moved = changes.map(({ offset, value }) => ({
            offset: start + (offset % (source.length - start)),
            value,
          }));
          expect(await outcomeOf(mutated(source, moved))).toMatch(/^(read|rejected)$/);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

async function verdictOf(bytes: Uint8Array, options?: VerifySifOptions): Promise<string> {
  try {
    const image = await readSif(memoryByteSource(bytes));
    await verifySif(image, options);
    return await coveredOf(image);
  } catch (error) {
    if (isSifFormatError(error) || isSifIntegrityError(error)) return "rejected";
    throw error;
  }
}

async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    const image = await readSif(memoryByteSource(bytes));
    await readSifDocuments(image);
    await readOciSif(image);
    return "read";
  } catch (error) {
    if (isSifFormatError(error) || isOciSifError(error)) return "rejected";
    throw error;
  }
}
