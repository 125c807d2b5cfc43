import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Digest, digestOfSha256Hex } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createId } from "../../ids/ids.js";
import { describeBlobStore } from "../blob-store.contract.js";
import type { BlobStore } from "../blob-store.js";
import { openFilesystemBlobStore } from "./open-filesystem-blob-store.js";

const BYTES = Buffer.from("some bytes");
const HEX = createHash("sha256").update(BYTES).digest("hex");
const DIGEST = digestOfSha256Hex(HEX);

describeBlobStore("filesystem", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-blobs-"));
  return {
    store: await openFilesystemBlobStore(folder),
    close: () => rm(folder, { recursive: true }),
  };
});

describe("openFilesystemBlobStore", () => {
  let folder: string;
  let store: BlobStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sifshelf-blobs-"));
    store = await openFilesystemBlobStore(join(folder, "data"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const publish = async () => {
    const uploadId = createId();
    await store.createStaging(uploadId);
    const attempt = await store.openAttempt(uploadId, ["sha256"]);
    await attempt.write([BYTES]);
    await attempt.keepAsWhole();
    await attempt.discard();
    await store.publishStaged(uploadId, DIGEST);
    await store.discardStaging(uploadId);
  };

  describe("when strange things lie among the uploads", () => {
    it("opens, and works", async () => {
      const uploads = join(folder, "data", "uploads");
      const uploadId = createId();
      await store.createStaging(uploadId);
      await mkdir(join(uploads, uploadId, "attempt-1", "x"), { recursive: true });
      await writeFile(join(uploads, "notes.txt"), "");
      await writeFile(join(uploads, createId()), "");
      store = await openFilesystemBlobStore(join(folder, "data"));
      await publish();
      const blob = await store.openBlob(DIGEST);
      expect(blob?.size).toBe(BYTES.length);
      await blob?.close();
      expect(await readdir(join(uploads, uploadId))).toEqual([]);
    });
  });

  describe("when a blob is exposed to a front server", () => {
    it("tells its path and size, and opens that path alone to its group", async () => {
      await publish();
      const data = join(folder, "data");
      const path = `sha256/${HEX.slice(0, 2)}/${HEX}`;
      for (let time = 1; time <= 2; time++) {
        expect(await store.exposeBlob(DIGEST)).toEqual({ path, size: BYTES.length });
      }
      const paths = [data, join(data, "uploads"), join(data, "blobs"), join(data, "blobs", path)];
      const stats = await Promise.all(paths.map((each) => stat(each)));
      expect(stats.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700, 0o710, 0o640]);
    });
  });

  describe("when it makes folders and files", () => {
    it("lets nobody else read them", async () => {
      await publish();
      const data = join(folder, "data");
      const blobFolder = join(data, "blobs", "sha256", HEX.slice(0, 2));
      const paths = [data, join(data, "uploads"), blobFolder, join(blobFolder, HEX)];
      const stats = await Promise.all(paths.map((path) => stat(path)));
      expect(stats.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o700, 0o700, 0o600]);
    });

    it("names a blob by its digest and leaves nothing staged", async () => {
      await publish();
      expect(await readdir(join(folder, "data", "blobs", "sha256", HEX.slice(0, 2)))).toEqual([
        HEX,
      ]);
      expect(await readdir(join(folder, "data", "uploads"))).toEqual([]);
    });
  });

  describe("when it is opened again", () => {
    it("has the blobs of before", async () => {
      await publish();
      const again = await openFilesystemBlobStore(join(folder, "data"));
      const blob = await again.openBlob(DIGEST);
      expect(blob?.size).toBe(BYTES.length);
      await blob?.close();
    });
  });

  describe("when a blob's file is damaged", () => {
    it("replaces it with the next upload of the same bytes if its size is wrong", async () => {
      await publish();
      await truncate(join(folder, "data", "blobs", "sha256", HEX.slice(0, 2), HEX), 3);
      await publish();
      const blob = await store.openBlob(DIGEST);
      expect(blob?.size).toBe(BYTES.length);
      await blob?.close();
    });

    it("rejects a read of the bytes that are gone as internal", async () => {
      await publish();
      const blob = await store.openBlob(DIGEST);
      await truncate(join(folder, "data", "blobs", "sha256", HEX.slice(0, 2), HEX), 3);
      await expect(blob?.read(0, BYTES.length)).rejects.toMatchObject({ code: "internal" });
      await blob?.close();
    });
  });

  describe("when there are foreign files in its folders", () => {
    it("lists only blobs and uploads", async () => {
      await publish();
      await writeFile(join(folder, "data", "blobs", "sha256", HEX.slice(0, 2), "readme"), "");
      await writeFile(join(folder, "data", "blobs", "sha256", "readme"), "");
      await writeFile(join(folder, "data", "uploads", "readme"), "");
      const digests: Digest[] = [];
      for await (const blob of store.listBlobs()) digests.push(blob.digest);
      expect(digests).toEqual([DIGEST]);
      expect(await store.listStagings()).toEqual([]);
    });
  });

  describe("when a name is not an id or digest", () => {
    const names = [
      "",
      "..",
      "../../etc/passwd",
      "a".repeat(24).toUpperCase(),
      `${"a".repeat(23)}/`,
    ];

    it.each(names)("rejects the upload %j before it looks for a file", async (name) => {
      const refused = { code: "internal", cause: expect.any(RangeError) };
      await expect(store.createStaging(name)).rejects.toMatchObject(refused);
      await expect(store.discardStaging(name)).rejects.toMatchObject(refused);
    });

    it.each(names)("rejects the blob %j before it looks for a file", async (name) => {
      const refused = { code: "internal", cause: expect.any(RangeError) };
      await expect(store.openBlob(name as Digest)).rejects.toMatchObject(refused);
      await expect(store.deleteBlob(name as Digest)).rejects.toMatchObject(refused);
    });
  });

  describe("when the data folder cannot be used", () => {
    it("rejects with internal and the cause", async () => {
      await writeFile(join(folder, "file"), "");
      const opening = openFilesystemBlobStore(join(folder, "file"));
      await expect(opening).rejects.toMatchObject({ code: "internal", cause: expect.any(Error) });
    });
  });
});
