import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  addObject,
  createSif,
  isSifFormatError,
  isSifIntegrityError,
  memoryByteSource,
  type MemorySifStore,
  memorySifStore,
  readSif,
  SifDataType,
  type SifLink,
  signSif,
  type SignSifOptions,
  type TrustedKeys,
  verifySif,
  type VerifySifOptions,
} from "@sifshelf/sif";
import { readPgpKeys } from "@sifshelf/sif/pgp";
import { buildSif } from "@sifshelf/testing";
import { createCleartextMessage, readPrivateKey, sign } from "openpgp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "./sif-edits.js";
import { type InteropKey, makeInteropKey, PEM_KEY_KINDS, PGP_KEY_KINDS } from "./sif-keys.js";
import { buildGoSif, GO_SKIPPED, type GoRequest, type GoSif, HAS_GO } from "./sif-tools.js";

let folder: string;
let go: GoSif;
let files = 0;
const newPath = (): string => join(folder, `${(files += 1)}.sif`);

beforeAll(() => {
  if (!HAS_GO) return;
  folder = mkdtempSync(join(tmpdir(), "sifshelf-sif-signatures-"));
  go = buildGoSif(folder);
});
afterAll(() => {
  if (HAS_GO) rmSync(folder, { recursive: true, force: true });
});

/** The scope of a signature or verification, in the form of both sides. */
type Scope = Pick<GoRequest, "groups" | "objects"> & Pick<VerifySifOptions, "mode">;

/** The error of one request, empty on success. */
function goError(request: GoRequest): string {
  return go.ask([request])[0]?.error ?? "no result";
}

function goVerdict(store: MemorySifStore, key: Pick<InteropKey, "publicFiles">, scope?: Scope) {
  const image = newPath();
  writeFileSync(image, store.bytes());
  return goError({ do: "verify", image, ...key.publicFiles, ...scope });
}

async function ourVerdict(
  bytes: Uint8Array,
  trusted: TrustedKeys,
  scope: Scope = {},
): Promise<string> {
  try {
    // The reference uses its own clock, which may be slightly behind.
    const at = new Date(Date.now() + 60_000);
    await verifySif(await readSif(memoryByteSource(bytes)), { ...trusted, ...scope, at });
    return "";
  } catch (error) {
    if (isSifFormatError(error) || isSifIntegrityError(error)) return error.code;
    throw error;
  }
}

/** An image of two groups and three objects in each. */
async function unsignedStore(): Promise<MemorySifStore> {
  const store = memorySifStore(buildSif({ payloadBytes: 5000 }));
  for (const name of ["a", "b", "c"]) {
    const data = new TextEncoder().encode(name);
    await addObject(store, { dataType: SifDataType.generic, data, name, group: 2 });
  }
  return store;
}

async function signedStore(key: InteropKey, options: SignSifOptions = {}): Promise<MemorySifStore> {
  const store = await unsignedStore();
  await signSif(store, key.signing, options);
  return store;
}

const ALL_KINDS = [...PEM_KEY_KINDS, ...PGP_KEY_KINDS];

describe.skipIf(!HAS_GO)(`signatures${GO_SKIPPED}`, () => {
  describe.each(ALL_KINDS)("by a key of %s", (kind) => {
    let key: InteropKey;
    let stranger: InteropKey;
    beforeAll(async () => {
      key = await makeInteropKey(kind, folder);
      stranger = await makeInteropKey(kind, folder);
    });

    it("of ours are accepted by the reference, whole or for some objects", async () => {
      const whole = await signedStore(key);
      expect(goVerdict(whole, key)).toBe("");
      expect(goVerdict(whole, key, { groups: [2] })).toBe("");
      expect(goVerdict(whole, key, { objects: [3] })).toBe("");
      expect(goVerdict(whole, stranger)).not.toBe("");
      const part = await signedStore(key, { objects: [2, 4] });
      expect(goVerdict(part, key, { objects: [2, 4] })).toBe("");
      expect(goVerdict(part, key)).not.toBe("");
    });

    it("of ours with other digests are accepted by the reference", async () => {
      for (const digestAlgorithm of ["sha224", "sha384", "sha512", "sha512_256"] as const) {
        expect(goVerdict(await signedStore(key, { digestAlgorithm }), key)).toBe("");
      }
    });

    it("of the reference are accepted by us, whole or for some objects", async () => {
      const image = newPath();
      writeFileSync(image, (await unsignedStore()).bytes());
      expect(goError({ do: "sign", image, ...key.privateFiles })).toBe("");
      const whole = new Uint8Array(readFileSync(image));
      expect(await ourVerdict(whole, key.trusted)).toBe("");
      expect(await ourVerdict(whole, key.trusted, { objects: [4] })).toBe("");
      expect(await ourVerdict(whole, stranger.trusted)).toBe(
        key.isPgp ? "unknown-issuer" : "signature-invalid",
      );
      writeFileSync(image, (await unsignedStore()).bytes());
      expect(goError({ do: "sign", image, ...key.privateFiles, objects: [1, 3] })).toBe("");
      const part = new Uint8Array(readFileSync(image));
      expect(await ourVerdict(part, key.trusted, { objects: [1, 3] })).toBe("");
      expect(await ourVerdict(part, key.trusted, { groups: [1] })).toBe("object-not-signed");
    });

    it("of both sides live in one image", async () => {
      const other = await makeInteropKey("PGP Ed25519", folder);
      const store = await signedStore(key);
      const image = newPath();
      writeFileSync(image, store.bytes());
      expect(goError({ do: "sign", image, ...other.privateFiles })).toBe("");
      const pgp = [...(key.publicFiles.pgp ?? []), ...(other.publicFiles.pgp ?? [])];
      expect(goError({ do: "verify", image, ...key.publicFiles, pgp })).toBe("");
      const bytes = new Uint8Array(readFileSync(image));
      const armored = [key, other].flatMap(({ armoredPublic = [] }) => armoredPublic);
      const keys = key.trusted.keys ?? [];
      expect(await ourVerdict(bytes, { pgp: await readPgpKeys(armored), keys })).toBe("");
      const missing = key.isPgp ? "unknown-issuer" : "key-material-missing";
      expect(await ourVerdict(bytes, other.trusted)).toBe(missing);
    });
  });

  it.each(["Ed25519", "RSA of 2048 bits"])(
    "by a key of %s at the same time have the reference's bytes",
    async (kind) => {
      const key = await makeInteropKey(kind, folder);
      const time = 1_700_000_123;
      const image = newPath();
      writeFileSync(image, (await unsignedStore()).bytes());
      const ours = memorySifStore(new Uint8Array(readFileSync(image)));
      expect(goError({ do: "sign", image, ...key.privateFiles, time })).toBe("");
      await signSif(ours, key.signing, { time: new Date(time * 1000) });
      expect(readFileSync(image).equals(ours.bytes())).toBe(true);
    },
  );

  it("of deterministic images have the reference's bytes", async () => {
    const key = await makeInteropKey("Ed25519", folder);
    const ours = memorySifStore();
    const object = { dataType: SifDataType.generic, data: new Uint8Array([1, 2, 3]) };
    await createSif(ours, { deterministic: true, objects: [object], capacity: 2 });
    const image = newPath();
    writeFileSync(image, ours.bytes());
    expect(goError({ do: "sign", image, ...key.privateFiles })).toBe("");
    await signSif(ours, key.signing);
    expect(readFileSync(image).equals(ours.bytes())).toBe(true);
  });

  describe("as Singularity made them before 3.6", () => {
    let key: InteropKey;
    beforeAll(async () => {
      key = await makeInteropKey("PGP RSA", folder);
    });

    /** An image with a signature over the data of its objects, old style. */
    async function legacyStore(link: SifLink, group: number | null): Promise<MemorySifStore> {
      const store = memorySifStore(buildSif());
      const { descriptors } = await readSif(store);
      const hash = createHash("sha384");
      for (const { id, offset, size } of descriptors) {
        if (link.kind === "group" || link.id === id) hash.update(await store.read(offset, size));
      }
      const message = await createCleartextMessage({ text: `SIFHASH:\n${hash.digest("hex")}` });
      const privateKey = await readPrivateKey({ armoredKey: key.armored ?? "" });
      const data = new TextEncoder().encode(await sign({ message, signingKeys: privateKey }));
      const fingerprint = privateKey.getFingerprint();
      const metadata = { kind: "signature", hashType: 2, fingerprint } as const;
      const dataType = SifDataType.signature;
      await addObject(store, { dataType, data, metadata, link, group, name: "part-signature" });
      return store;
    }

    it("are accepted by both sides for an object, if asked for", async () => {
      const store = await legacyStore({ kind: "object", id: 3 }, 1);
      const scope = { mode: "legacy", objects: [3] } as const;
      expect(goVerdict(store, key, scope)).toBe("");
      expect(await ourVerdict(store.bytes(), key.trusted, scope)).toBe("");
      expect(goVerdict(store, key)).not.toBe("");
      expect(await ourVerdict(store.bytes(), key.trusted)).toBe("signature-not-found");
    });

    it("are accepted by both sides for a group, if asked for", async () => {
      const store = await legacyStore({ kind: "group", id: 1 }, null);
      const scope = { mode: "legacy", groups: [1] } as const;
      expect(goVerdict(store, key, scope)).toBe("");
      expect(await ourVerdict(store.bytes(), key.trusted, scope)).toBe("");
    });

    it("are refused by both sides after the data changed", async () => {
      const store = await legacyStore({ kind: "object", id: 3 }, 1);
      const { descriptors } = await readSif(store);
      await store.write(descriptors[2]?.offset ?? 0, new Uint8Array([1]));
      const scope = { mode: "legacy", objects: [3] } as const;
      expect(goVerdict(store, key, scope)).not.toBe("");
      expect(await ourVerdict(store.bytes(), key.trusted, scope)).toBe("object-integrity");
    });
  });
});

describe.skipIf(!HAS_GO)(`verdicts on damaged images${GO_SKIPPED}`, () => {
  const IMAGES = 600;

  it.each(["Ed25519", "PGP Ed25519"])(
    `are never kinder than the reference's, for ${IMAGES} images signed by a key of %s`,
    async (kind) => {
      const key = await makeInteropKey(kind, folder);
      const small = memorySifStore(buildSif({ capacity: 5, payloadBytes: 64 }));
      await signSif(small, key.signing);
      const random = seededRandom(7);
      const images: { image: string; ours: string }[] = [];
      while (images.length < IMAGES) {
        const bytes = await damaged(small, random);
        const ours = await ourVerdict(bytes, key.trusted);
        // The reference crashes on some of the files that our reader refuses.
        if (ours.startsWith("sif-")) continue;
        const image = newPath();
        writeFileSync(image, bytes);
        images.push({ image, ours });
      }
      const { publicFiles } = key;
      const results = go.ask(
        images.map(({ image }): GoRequest => ({ do: "verify", image, ...publicFiles })),
      );
      const theirs = results.map(({ error }) => error);
      const kinder = images.filter(({ ours }, index) => ours === "" && theirs[index] !== "");
      expect(kinder).toEqual([]);
      // Both verdicts must occur often, or the comparison means little.
      const accepted = images.filter(({ ours }) => ours === "").length;
      expect(accepted).toBeGreaterThan(IMAGES / 20);
      expect(accepted).toBeLessThan(IMAGES / 2);
    },
  );

  /** Changes a byte or two of header, descriptors or signature. */
  async function damaged(
    store: MemorySifStore,
    random: ReturnType<typeof seededRandom>,
  ): Promise<Uint8Array> {
    const signature = (await readSif(store)).descriptors.at(-1);
    if (signature === undefined) throw new Error("the image has no signature");
    const bytes = store.bytes();
    for (let left = 1 + random(2); left > 0; left -= 1) {
      const places = [
        random(128),
        4096 + random(4 * 585),
        signature.offset + random(signature.size),
      ];
      const at = places[random(3)] ?? 0;
      const written = [(bytes[at] ?? 0) ^ (1 << random(8)), 0x0a, 0x20, 0, random(256)];
      bytes[at] = written[random(written.length)] ?? 0;
    }
    return bytes;
  }
});
