import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Digest, digestOfSha256Hex } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createId } from "../../ids/ids.js";
import { describeBlobStore } from "../blob-store.contract.js";
import { sumOf } from "../byte-sink.js";
import type { IncomingBody } from "../incoming-body.js";
import type { PartLedger, StoredPart } from "../part-ledger.js";
import type { UploadRef } from "../upload-target.js";
import { createSignedUrls } from "../../transfers/signed-urls.js";
import { type FilesystemBlobStore, openFilesystemBlobStore } from "./open-filesystem-blob-store.js";

const BYTES = Buffer.from("some bytes");
const HEX = createHash("sha256").update(BYTES).digest("hex");
const DIGEST = digestOfSha256Hex(HEX);

/** A ledger of this process alone; that of a server is in its catalog. */
function createLedger(): PartLedger {
  const uploads = new Map<string, Map<number, StoredPart>>();
  const partsOf = (uploadId: string) => uploads.get(uploadId) ?? new Map<number, StoredPart>();
  return {
    find: async (uploadId, partNumber) => partsOf(uploadId).get(partNumber),
    list: async (uploadId) =>
      [...partsOf(uploadId).values()].toSorted((a, b) => a.partNumber - b.partNumber),
    async put(uploadId, part) {
      uploads.set(uploadId, partsOf(uploadId).set(part.partNumber, part));
    },
    async remove(uploadId, partNumber) {
      partsOf(uploadId).delete(partNumber);
    },
  };
}

const KEY = { id: "a".repeat(24), secret: randomBytes(32) };

const openStore = (folder: string): Promise<FilesystemBlobStore> =>
  openFilesystemBlobStore(folder, {
    parts: createLedger(),
    signedUrls: createSignedUrls({
      currentKey: async () => KEY,
      findKey: async (id) => (id === KEY.id ? KEY : undefined),
      urlTtlMs: 60_000,
      now: Date.now,
    }),
  });

describeBlobStore("filesystem", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-blobs-"));
  const store = await openStore(folder);
  return {
    store,
    close: () => rm(folder, { recursive: true }),
    // As the route behind the URL does it.
    async send(grant, upload, bytes) {
      const { pathname, searchParams: query } = new URL(grant.url);
      const path = pathname.slice("/base/".length);
      const allowed = await store.signedUrls.verify({ method: "PUT", path, query });
      expect(allowed).toMatchObject({ sizeBytes: bytes.length });
      await store.uploads.receivePart(upload, {
        partNumber: Number(path.split("/")[4] ?? 1),
        body: bodyOf(bytes),
        sums: ["sha256"],
        accept(sums) {
          expect(sums.sha256).toBe(allowed.sha256);
          return sumOf(sums, "sha256");
        },
      });
    },
  };
});

function bodyOf(bytes: Uint8Array): IncomingBody {
  return {
    announcedBytes: bytes.length,
    async receiveInto(sink) {
      await sink.write([Uint8Array.from(bytes)]);
      return sink.sums();
    },
    hurry() {},
  };
}

describe("openFilesystemBlobStore", () => {
  let folder: string;
  let store: FilesystemBlobStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sifshelf-blobs-"));
    store = await openStore(join(folder, "data"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const uploadOf = (id: string): UploadRef => ({
    id,
    kind: "single",
    sizeBytes: BYTES.length,
    partSizeBytes: BYTES.length,
    totalParts: 1,
  });

  const publish = async () => {
    const upload = uploadOf(createId());
    await store.uploads.begin(upload);
    await store.uploads.receivePart(upload, {
      partNumber: 1,
      body: bodyOf(BYTES),
      sums: ["sha256"],
      accept: (sums) => sumOf(sums, "sha256"),
    });
    const completed = await store.uploads.complete(upload, { digest: DIGEST, accept: () => {} });
    await completed.publish();
    await completed.close();
    await store.uploads.abort(upload.id);
  };

  describe("when strange things lie among the uploads", () => {
    it("opens, and works", async () => {
      const uploads = join(folder, "data", "uploads");
      const uploadId = createId();
      await store.uploads.begin(uploadOf(uploadId));
      await mkdir(join(uploads, uploadId, "attempt-1", "x"), { recursive: true });
      await writeFile(join(uploads, "notes.txt"), "");
      await writeFile(join(uploads, createId()), "");
      store = await openStore(join(folder, "data"));
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
        expect(await store.frontServer.exposeBlob(DIGEST)).toEqual({
          path,
          sizeBytes: BYTES.length,
        });
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
      const again = await openStore(join(folder, "data"));
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
      expect(await store.uploads.list()).toEqual([]);
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
      await expect(store.uploads.begin(uploadOf(name))).rejects.toMatchObject(refused);
      await expect(store.uploads.abort(name)).rejects.toMatchObject(refused);
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
      const opening = openStore(join(folder, "file"));
      await expect(opening).rejects.toMatchObject({ code: "internal", cause: expect.any(Error) });
    });
  });
});
