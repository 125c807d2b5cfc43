import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { readPublicKeys } from "../keys/dsse-verifier.js";
import { readSif, type SifImage } from "../format/read-sif.js";
import { corpusBytes, hasCorpus } from "../../testing/corpus.js";
import { INDEX, LAYER, MANIFEST, ociBuilder } from "../../testing/oci-image.js";
import { createSif } from "../write/create-sif.js";
import { setObjectMetadata } from "../write/edit-sif.js";
import type { SifObjectInput } from "../write/place-object.js";
import { memorySifStore } from "../write/sif-store.js";
import { checkOciBlobs } from "./check-oci-blobs.js";
import { ociLayoutFiles } from "./extract-oci.js";
import { findOciBlob, readOciSif } from "./read-oci-sif.js";
import { verifyCosign } from "./verify-cosign.js";

const written = (objects: readonly SifObjectInput[]): Promise<SifImage> =>
  createSif(memorySifStore(), { deterministic: true, objects, capacity: 64 });

describe("readOciSif", () => {
  it("returns images with config and layers, nested indexes included", async () => {
    const builder = ociBuilder();
    const first = builder.image("layer one", "first:latest");
    const nested = builder.blob(INDEX, { schemaVersion: 2, manifests: [builder.image("two")] });
    const image = await written(builder.finish([first, nested]));
    const content = await readOciSif(image);
    expect(content.images).toMatchObject([
      { refName: "first:latest", isCosign: false, layers: [{ mediaType: LAYER, size: 9 }] },
      { refName: null, layers: [{ size: 3 }] },
    ]);
    const layer = content.images[0]?.layers[0] ?? { digest: "", size: 0 };
    expect(findOciBlob(content, layer)).toMatchObject({ id: 1, size: 9 });
  });

  it.each([null, [], undefined])(
    "returns no image for an index with manifests %j",
    async (list) => {
      const image = await written(ociBuilder().finish(list));
      expect((await readOciSif(image)).images).toEqual([]);
    },
  );

  it("accepts a blob that is written twice", async () => {
    const builder = ociBuilder();
    const one = builder.image("same", "one");
    const two = builder.image("same", "two");
    const image = await written(builder.finish([one, two]));
    expect((await readOciSif(image)).images).toHaveLength(2);
  });

  const reference = { mediaType: MANIFEST, digest: `sha256:${"0".repeat(64)}`, size: 1 };
  it.each([
    ["oci-malformed", "a list", 7],
    ["oci-malformed", "entries", [7]],
    ["oci-malformed", "a digest", [{ ...reference, digest: "sha256:../../x" }]],
    ["oci-malformed", "a size", [{ ...reference, size: -1 }]],
    ["oci-blob-missing", "the blob", [reference]],
  ])("rejects with %s an index without %s", async (code, _what, manifests) => {
    const image = await written(ociBuilder().finish(manifests));
    await expect(readOciSif(image)).rejects.toMatchObject({ code });
  });

  it("rejects a manifest with another size or digest than referred to", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer");
    const image = await written(builder.finish([{ ...manifest, size: manifest.size + 1 }]));
    await expect(readOciSif(image)).rejects.toMatchObject({ code: "oci-blob-corrupt" });
    const store = memorySifStore();
    const digest = `sha256:${"1".repeat(64)}`;
    await createSif(store, { objects: builder.finish([{ ...manifest, digest }]) });
    await setObjectMetadata(store, 3, { kind: "oci", digest });
    await expect(readOciSif(await readSif(store))).rejects.toMatchObject({
      code: "oci-blob-corrupt",
    });
  });

  it("rejects indexes that nest too deeply and documents that are too large", async () => {
    const builder = ociBuilder();
    let reference_ = builder.image("layer");
    for (let depth = 0; depth < 6; depth += 1) {
      reference_ = builder.blob(INDEX, { schemaVersion: 2, manifests: [reference_] });
    }
    const deep = await written(builder.finish([reference_]));
    await expect(readOciSif(deep)).rejects.toMatchObject({ code: "oci-too-large" });
    const large = await written(ociBuilder().finish("x".repeat(5_000_000)));
    await expect(readOciSif(large)).rejects.toMatchObject({ code: "oci-too-large" });
  });

  it("rejects an index that leads to too many documents", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer");
    const many = builder.blob(INDEX, { schemaVersion: 2, manifests: Array(2100).fill(manifest) });
    const image = await written(builder.finish([many, many]));
    await expect(readOciSif(image)).rejects.toMatchObject({ code: "oci-too-large" });
  });

  it("rejects an image without root index", async () => {
    await expect(readOciSif(await written([]))).rejects.toMatchObject({ code: "oci-not-found" });
  });
});

describe("ociLayoutFiles", () => {
  it("returns the files of an image layout, under safe paths", async () => {
    const builder = ociBuilder();
    const store = memorySifStore();
    await createSif(store, { objects: builder.finish([builder.image("layer")]) });
    const image = await readSif(store);
    const files = ociLayoutFiles(image, await readOciSif(image));
    expect(files.map(({ path }) => path.replace(/[0-9a-f]{64}/, "HEX"))).toEqual([
      "oci-layout",
      "index.json",
      "blobs/sha256/HEX",
      "blobs/sha256/HEX",
      "blobs/sha256/HEX",
    ]);
    const texts = await Promise.all(files.map((file) => new Response(file.open()).text()));
    expect(texts.map(({ length }) => length)).toEqual(files.map(({ size }) => size));
    expect(texts[2]).toBe("layer");
  });
});

describe("verifyCosign", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = generateKeyPairSync("ed25519");
  const keysOf = (key: typeof publicKey) =>
    readPublicKeys(key.export({ type: "spki", format: "pem" }).toString());

  it("returns the images that a key signed", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer", "app");
    const signature = builder.cosign(manifest, privateKey);
    const image = await written(builder.finish([manifest, signature]));
    const keys = await keysOf(publicKey);
    expect(await verifyCosign(image, { keys })).toEqual([
      { manifestDigest: manifest.digest, refName: "app", keyIds: [keys[0]?.keyId] },
    ]);
  });

  it("rejects a signature by another key", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer");
    const image = await written(builder.finish([manifest, builder.cosign(manifest, privateKey)]));
    await expect(
      verifyCosign(image, { keys: await keysOf(other.publicKey) }),
    ).rejects.toMatchObject({ code: "signature-invalid" });
  });

  it("rejects a signature of another image", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer");
    const image_ = { "docker-manifest-digest": `sha256:${"0".repeat(64)}` };
    const critical = { image: image_, type: "cosign container image signature" };
    const signature = builder.cosign(manifest, privateKey, { critical });
    const image = await written(builder.finish([manifest, signature]));
    await expect(verifyCosign(image, { keys: await keysOf(publicKey) })).rejects.toMatchObject({
      code: "signature-invalid",
    });
  });

  it("rejects an image beside a signed one that is not signed itself", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer");
    const signature = builder.cosign(manifest, privateKey);
    const image = await written(builder.finish([manifest, signature, builder.image("more")]));
    await expect(verifyCosign(image, { keys: await keysOf(publicKey) })).rejects.toMatchObject({
      code: "signature-not-found",
    });
  });

  it("rejects a layer that changed after signing", async () => {
    const builder = ociBuilder();
    const manifest = builder.image("layer");
    const store = memorySifStore();
    const objects = builder.finish([manifest, builder.cosign(manifest, privateKey)]);
    const { descriptors } = await createSif(store, { objects });
    await store.write(descriptors[0]?.offset ?? 0, new TextEncoder().encode("Layer"));
    await expect(
      verifyCosign(await readSif(store), { keys: await keysOf(publicKey) }),
    ).rejects.toMatchObject({ code: "object-integrity", objectId: 1 });
  });

  it("rejects when there is no image, or no key", async () => {
    const image = await written(ociBuilder().finish([]));
    await expect(verifyCosign(image, { keys: await keysOf(publicKey) })).rejects.toMatchObject({
      code: "no-objects",
    });
    await expect(verifyCosign(image, { keys: [] })).rejects.toMatchObject({
      code: "key-material-missing",
    });
  });
});

async function damagedIn(name: string): Promise<number[]> {
  const image = await readSif(memoryByteSource(corpusBytes("derived", `${name}.sif`)));
  const checks = await checkOciBlobs(image);
  return checks.filter(({ isIntact }) => !isIntact).map(({ objectId }) => objectId);
}

describe.skipIf(!hasCorpus)("checkOciBlobs with the sample images", () => {
  it("finds nothing wrong with oci-sif", async () => {
    expect(await damagedIn("oci-sif")).toEqual([]);
  });

  it("finds the corrupt blob of oci-sif-blob-corrupt", async () => {
    expect(await damagedIn("oci-sif-blob-corrupt")).toEqual([1]);
  });

  it("reads the content of oci-sif", async () => {
    const image = await readSif(memoryByteSource(corpusBytes("derived", "oci-sif.sif")));
    expect((await readOciSif(image)).images).toHaveLength(1);
  });
});
