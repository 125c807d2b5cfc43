import { type Digest, parseDigest, parseImageHash } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  deleteBlobIfUnreferenced,
  findBlob,
  insertBlobIfAbsent,
  listUnreferencedBlobs,
} from "./blobs.js";
import { type Db, inTransaction } from "./catalog.js";
import {
  collectionSize,
  findCollection,
  findCollectionById,
  insertCollectionIfAbsent,
  listCollectionIds,
} from "./collections.js";
import {
  addDownload,
  containerSize,
  findContainer,
  findContainerById,
  insertContainerIfAbsent,
  listContainerIds,
} from "./containers.js";
import { entityUsage, findEntityById, findEntityByName, insertEntityIfAbsent } from "./entities.js";
import {
  deleteImage,
  findImageByHash,
  findImageById,
  findImageBySifId,
  insertImageIfAbsent,
  listImageIds,
  markImageUploaded,
} from "./images.js";
import type {
  ContainerRecord,
  ImageRecord,
  InspectedImage,
  UserRecord,
  Viewer,
} from "./records.js";
import { currentSigningKey, findSigningKey } from "./signing-keys.js";
import { findTag, listTagNamesOfImage, listTags, putTag } from "./tags.js";
import { findTokenByHash, findTokenById, insertToken, listTokens, revokeToken } from "./tokens.js";
import {
  deleteEndedUploads,
  deleteUploadPart,
  findUpload,
  insertUpload,
  listExpiredUploads,
  listUploadIds,
  listUploadParts,
  putUploadPart,
  setUploadState,
  touchUpload,
} from "./uploads.js";
import { findUserById, findUserByName, insertUser, listUsers } from "./users.js";

const NOW_MS = 1_800_000_000_000;
const ANYONE: Viewer = { userId: null, seesAll: false };
const ADMIN: Viewer = { userId: null, seesAll: true };
const PLAIN: InspectedImage = {
  arch: "amd64",
  isSigned: false,
  isEncrypted: false,
  fingerprints: [],
  sifId: "0b9a2ef4-8d5e-4a7f-9d65-0c2f1b3a4d5e",
};

/** A catalog for one test, and how to end it. */
export interface OpenedCatalog {
  readonly db: Db;
  readonly close: () => Promise<void>;
}

/** Digest number `n`: a different one for every number. */
export function digestNumber(n: number): Digest {
  return parseDigest(`sha256:${n.toString(16).padStart(64, "0")}`);
}

/** Makes whatever a test needs before it comes to the point. */
export function createFixtures(db: Db) {
  async function user(name: string): Promise<UserRecord> {
    return (await insertUser(db, { name, isAdmin: false, nowMs: NOW_MS }))!;
  }
  async function container(
    owner: UserRecord,
    path: string,
    isPrivate: { collection?: boolean; container?: boolean } = {},
  ): Promise<ContainerRecord> {
    const [entityName = "", collectionName = "", name = ""] = path.split("/");
    const made = { description: "", createdBy: owner.name, nowMs: NOW_MS };
    const entity = await insertEntityIfAbsent(db, {
      ...made,
      name: entityName,
      ownerId: owner.id,
      quotaBytes: 0,
      defaultPrivate: false,
    });
    const collection = await insertCollectionIfAbsent(db, {
      ...made,
      entityId: entity.id,
      name: collectionName,
      isPrivate: isPrivate.collection ?? false,
    });
    return insertContainerIfAbsent(db, {
      ...made,
      collectionId: collection.id,
      name,
      isPrivate: isPrivate.container ?? false,
    });
  }
  async function image(
    containerId: string,
    n: number,
    extra: { description?: string; nowMs?: number } = {},
  ): Promise<ImageRecord> {
    const hash = parseImageHash(digestNumber(n).replace(":", "."));
    return insertImageIfAbsent(db, {
      containerId,
      hash,
      description: "",
      createdBy: "alice",
      nowMs: NOW_MS,
      ...extra,
    });
  }
  async function uploadedImage(
    containerId: string,
    n: number,
    extra: Partial<InspectedImage> & {
      description?: string;
      nowMs?: number;
      sizeBytes?: number;
    } = {},
  ): Promise<ImageRecord> {
    const { description = "", nowMs = NOW_MS, sizeBytes = 1000, ...inspected } = extra;
    const { id } = await image(containerId, n, { description, nowMs });
    await insertBlobIfAbsent(db, { digest: digestNumber(n), sizeBytes, createdAtMs: nowMs });
    await markImageUploaded(db, id, {
      sizeBytes,
      blobDigest: digestNumber(n),
      inspected: { ...PLAIN, ...inspected },
      updatedBy: "alice",
      nowMs,
    });
    return (await findImageById(db, id))!;
  }
  async function tag(target: ImageRecord, name: string, arch = "amd64"): Promise<void> {
    const containerId = target.container.id;
    await putTag(db, {
      containerId,
      arch,
      name,
      imageId: target.id,
      updatedBy: "alice",
      nowMs: NOW_MS,
    });
  }
  return { user, container, image, uploadedImage, tag };
}

/** Runs what every catalog must do, over catalogs that `openCatalog` makes empty and up to date. */
export function describeCatalog(name: string, openCatalog: () => Promise<OpenedCatalog>): void {
  describe(`${name} catalog`, () => {
    let catalog: OpenedCatalog;
    let db: Db;
    let make: ReturnType<typeof createFixtures>;

    beforeEach(async () => {
      catalog = await openCatalog();
      db = catalog.db;
      make = createFixtures(db);
    });
    afterEach(() => catalog.close());

    describe("inTransaction", () => {
      it("keeps nothing when the work throws", async () => {
        const fault = new Error("stop");
        const work = inTransaction(db, async (transaction) => {
          await insertUser(transaction, { name: "alice", isAdmin: false, nowMs: NOW_MS });
          throw fault;
        });

        await expect(work).rejects.toBe(fault);
        expect(await listUsers(db)).toEqual([]);
      });

      it("joins the transaction it is called in", async () => {
        const work = inTransaction(db, async (outer) => {
          await inTransaction(outer, (inner) =>
            insertUser(inner, { name: "alice", isAdmin: false, nowMs: NOW_MS }),
          );
          throw new Error("stop");
        });

        await expect(work).rejects.toThrow("stop");
        expect(await listUsers(db)).toEqual([]);
      });

      it("lets one write after the other", async () => {
        const { id: containerId } = await make.container(
          await make.user("alice"),
          "alice/tools/app",
        );
        await Promise.all(
          Array.from({ length: 50 }, () =>
            inTransaction(db, async (transaction) => {
              await findContainerById(transaction, containerId);
              await addDownload(transaction, containerId);
            }),
          ),
        );

        expect((await findContainerById(db, containerId))?.downloadCount).toBe(50);
      });
    });

    describe("users", () => {
      it("returns a new user, found by name and by id", async () => {
        const alice = await insertUser(db, { name: "alice", isAdmin: true, nowMs: NOW_MS });

        expect(alice).toMatchObject({ name: "alice", isAdmin: true, createdAtMs: NOW_MS });
        expect(alice?.id).toMatch(/^[0-9a-f]{24}$/);
        expect(await findUserByName(db, "alice")).toEqual(alice);
        expect(await findUserById(db, alice!.id)).toEqual(alice);
      });

      it("returns undefined for a name that is taken, and changes nothing", async () => {
        const alice = await make.user("alice");

        expect(await insertUser(db, { name: "alice", isAdmin: true, nowMs: 1 })).toBeUndefined();
        expect(await listUsers(db)).toEqual([alice]);
      });

      it("returns undefined for who is not there", async () => {
        expect(await findUserByName(db, "nobody")).toBeUndefined();
        expect(await findUserById(db, "0".repeat(24))).toBeUndefined();
      });

      it("lists by name", async () => {
        await make.user("bob");
        await make.user("alice");

        expect((await listUsers(db)).map((user) => user.name)).toEqual(["alice", "bob"]);
      });
    });

    describe("tokens", () => {
      const hash = "ab".repeat(32);

      it("returns a new token with its user, by hash and by id", async () => {
        const user = await make.user("alice");
        const token = await insertToken(db, {
          userId: user.id,
          hash,
          label: "ci",
          scope: "write",
          expiresAtMs: NOW_MS + 1,
          nowMs: NOW_MS,
        });

        expect(token).toMatchObject({
          userId: user.id,
          label: "ci",
          scope: "write",
          revokedAtMs: null,
        });
        expect(await findTokenByHash(db, hash)).toEqual({ token, user });
        expect(await findTokenById(db, token.id)).toEqual({ token, user });
      });

      it("returns undefined for a hash or id that is not there", async () => {
        expect(await findTokenByHash(db, hash)).toBeUndefined();
        expect(await findTokenById(db, "0".repeat(24))).toBeUndefined();
      });

      it("revokes once, and keeps the time of that", async () => {
        const { id: userId } = await make.user("alice");
        const { id } = await insertToken(db, {
          userId,
          hash,
          label: "",
          scope: "read",
          expiresAtMs: null,
          nowMs: 1,
        });

        expect(await revokeToken(db, id, 2)).toBe(true);
        expect(await revokeToken(db, id, 3)).toBe(false);
        expect((await findTokenByHash(db, hash))?.token.revokedAtMs).toBe(2);
        expect(await revokeToken(db, "0".repeat(24), 2)).toBe(false);
      });

      it("lists all, or those of one user", async () => {
        const alice = await make.user("alice");
        const bob = await make.user("bob");
        const token = { label: "", scope: "read", expiresAtMs: null } as const;
        const first = await insertToken(db, { ...token, userId: alice.id, hash: "1", nowMs: 1 });
        const second = await insertToken(db, { ...token, userId: bob.id, hash: "2", nowMs: 2 });

        expect(await listTokens(db)).toEqual([first, second]);
        expect(await listTokens(db, bob.id)).toEqual([second]);
      });

      it("refuses a second token with the same hash", async () => {
        const { id: userId } = await make.user("alice");
        const token = {
          userId,
          hash,
          label: "",
          scope: "read",
          expiresAtMs: null,
          nowMs: 1,
        } as const;
        await insertToken(db, token);

        await expect(insertToken(db, token)).rejects.toThrow();
      });
    });

    describe("entities, collections and containers", () => {
      it("returns what was made, by name and by id", async () => {
        const alice = await make.user("alice");
        const container = await make.container(alice, "lab/tools/app");

        expect(container).toMatchObject({
          entityName: "lab",
          collectionName: "tools",
          name: "app",
          ownerId: alice.id,
          ownerName: "alice",
          isPrivate: false,
          downloadCount: 0,
        });
        expect(await findContainer(db, "lab", "tools", "app")).toEqual(container);
        expect(await findContainerById(db, container.id)).toEqual(container);
        const collection = await findCollection(db, "lab", "tools");
        expect(collection).toMatchObject({
          id: container.collectionId,
          entityId: container.entityId,
          ownerId: alice.id,
        });
        expect(await findCollectionById(db, container.collectionId)).toEqual(collection);
        const entity = await findEntityByName(db, "lab");
        expect(entity).toMatchObject({ id: container.entityId, ownerName: "alice", quotaBytes: 0 });
        expect(await findEntityById(db, container.entityId)).toEqual(entity);
      });

      it("returns undefined for what is not there", async () => {
        await make.container(await make.user("alice"), "lab/tools/app");

        expect(await findEntityByName(db, "app")).toBeUndefined();
        expect(await findCollection(db, "tools", "lab")).toBeUndefined();
        expect(await findContainer(db, "lab", "tools", "other")).toBeUndefined();
        expect(await findContainerById(db, "' or 1=1 --")).toBeUndefined();
      });

      it("returns what was there when made a second time, unchanged", async () => {
        const first = await make.container(await make.user("alice"), "lab/tools/app");
        const second = await make.container(await make.user("bob"), "lab/tools/app", {
          container: true,
        });

        expect(second).toEqual(first);
      });

      it("makes one of many made at once", async () => {
        const alice = await make.user("alice");
        const made = await Promise.all(
          Array.from({ length: 20 }, () => make.container(alice, "lab/tools/app")),
        );

        expect(new Set(made.map((container) => container.id)).size).toBe(1);
      });

      it("takes a container of a private collection as private", async () => {
        const alice = await make.user("alice");

        expect(
          (await make.container(alice, "lab/secret/app", { collection: true })).isPrivate,
        ).toBe(true);
        expect((await make.container(alice, "lab/tools/app", { container: true })).isPrivate).toBe(
          true,
        );
      });

      it("lists what the viewer may see, oldest first", async () => {
        const alice = await make.user("alice");
        const shown = await make.container(alice, "lab/tools/shown");
        const hidden = await make.container(alice, "lab/tools/hidden", { container: true });
        const secret = await make.container(alice, "lab/secret/app", { collection: true });
        const owner: Viewer = { userId: alice.id, seesAll: false };
        const other: Viewer = { userId: (await make.user("bob")).id, seesAll: false };

        for (const viewer of [ANYONE, other]) {
          expect(await listContainerIds(db, shown.collectionId, viewer)).toEqual([shown.id]);
          expect(await listCollectionIds(db, shown.entityId, viewer)).toEqual([shown.collectionId]);
          expect(await listContainerIds(db, secret.collectionId, viewer)).toEqual([]);
        }
        for (const viewer of [owner, ADMIN]) {
          expect((await listContainerIds(db, shown.collectionId, viewer)).toSorted()).toEqual(
            [shown.id, hidden.id].toSorted(),
          );
          expect(await listContainerIds(db, secret.collectionId, viewer)).toEqual([secret.id]);
          expect(await listCollectionIds(db, shown.entityId, viewer)).toHaveLength(2);
        }
      });

      it("sums the sizes of uploaded images, as far as the viewer may see them", async () => {
        const alice = await make.user("alice");
        const shown = await make.container(alice, "lab/tools/shown");
        const hidden = await make.container(alice, "lab/tools/hidden", { container: true });
        expect(await entityUsage(db, shown.entityId)).toBe(0);
        await make.uploadedImage(shown.id, 1, { sizeBytes: 2 ** 40 });
        await make.uploadedImage(shown.id, 2, { sizeBytes: 5 });
        await make.uploadedImage(hidden.id, 1, { sizeBytes: 2 ** 40 });
        await make.image(shown.id, 3);

        expect(await containerSize(db, shown.id)).toBe(2 ** 40 + 5);
        expect(await collectionSize(db, shown.collectionId, ANYONE)).toBe(2 ** 40 + 5);
        expect(await collectionSize(db, shown.collectionId, ADMIN)).toBe(2 ** 41 + 5);
        expect(await entityUsage(db, shown.entityId, ANYONE)).toBe(2 ** 40 + 5);
        expect(await entityUsage(db, shown.entityId)).toBe(2 ** 41 + 5);
      });
    });

    describe("images", () => {
      let container: ContainerRecord;

      beforeEach(async () => {
        container = await make.container(await make.user("alice"), "lab/tools/app");
      });

      it("returns a new image, not uploaded, by id and by hash", async () => {
        const image = await make.image(container.id, 1, { description: "first" });

        expect(image).toMatchObject({
          container,
          description: "first",
          isUploaded: false,
          sizeBytes: 0,
          blobDigest: null,
          arch: null,
          isSigned: null,
          fingerprints: [],
        });
        expect(await findImageById(db, image.id)).toEqual(image);
        expect(await findImageByHash(db, container.id, image.hash)).toEqual(image);
      });

      it("returns the image that was there for the same hash, and another one in another container", async () => {
        const image = await make.image(container.id, 1);
        const other = await make.container(await make.user("bob"), "lab/tools/other");

        expect(await make.image(container.id, 1, { description: "again" })).toEqual(image);
        expect((await make.image(other.id, 1)).id).not.toBe(image.id);
        expect(
          await findImageByHash(db, other.id, (await make.image(container.id, 2)).hash),
        ).toBeUndefined();
      });

      it("marks an image uploaded once, with what was found in it", async () => {
        const { id } = await make.image(container.id, 1);
        await insertBlobIfAbsent(db, {
          digest: digestNumber(1),
          sizeBytes: 7,
          createdAtMs: NOW_MS,
        });
        const uploaded = {
          sizeBytes: 7,
          blobDigest: digestNumber(1),
          inspected: {
            ...PLAIN,
            isSigned: true,
            isEncrypted: true,
            fingerprints: ["ab".repeat(20)],
          },
          updatedBy: "alice",
          nowMs: NOW_MS + 1,
        };

        expect(await markImageUploaded(db, id, uploaded)).toBe(true);
        expect(await markImageUploaded(db, id, { ...uploaded, sizeBytes: 8 })).toBe(false);
        expect(await findImageById(db, id)).toMatchObject({
          isUploaded: true,
          sizeBytes: 7,
          blobDigest: digestNumber(1),
          arch: "amd64",
          isSigned: true,
          isEncrypted: true,
          fingerprints: ["ab".repeat(20)],
          sifId: PLAIN.sifId,
          updatedAtMs: NOW_MS + 1,
        });
      });

      it("does not mark an image uploaded whose blob is not there", async () => {
        const { id } = await make.image(container.id, 1);
        const uploaded = {
          sizeBytes: 7,
          blobDigest: digestNumber(1),
          inspected: PLAIN,
          updatedBy: "",
          nowMs: 1,
        };

        await expect(markImageUploaded(db, id, uploaded)).rejects.toThrow();
        expect((await findImageById(db, id))?.isUploaded).toBe(false);
      });

      it("finds the newest uploaded image of a SIF id, in this container only", async () => {
        const other = await make.container(await make.user("bob"), "lab/tools/other");
        await make.uploadedImage(container.id, 1, { nowMs: NOW_MS });
        const newest = await make.uploadedImage(container.id, 2, { nowMs: NOW_MS + 5 });
        await make.uploadedImage(other.id, 3, { nowMs: NOW_MS + 9 });

        expect((await findImageBySifId(db, container.id, PLAIN.sifId!))?.id).toBe(newest.id);
        expect(await findImageBySifId(db, container.id, "other")).toBeUndefined();
      });

      it("lists uploaded images, oldest first", async () => {
        const second = await make.uploadedImage(container.id, 2, { nowMs: NOW_MS + 5 });
        const first = await make.uploadedImage(container.id, 1, { nowMs: NOW_MS });
        await make.image(container.id, 3);

        expect(await listImageIds(db, container.id)).toEqual([first.id, second.id]);
      });

      it("deletes an image with its tags, uploads and parts, and nothing else", async () => {
        const image = await make.uploadedImage(container.id, 1);
        const kept = await make.uploadedImage(container.id, 2);
        await make.tag(image, "latest");
        await make.tag(kept, "stable");
        const upload = await insertUpload(db, newUpload(image, container.ownerId));
        await putUploadPart(db, {
          uploadId: upload.id,
          partNumber: 1,
          sizeBytes: 1,
          sha256: "ab",
          nowMs: 1,
        });

        expect(await deleteImage(db, image.id)).toBe(true);
        expect(await deleteImage(db, image.id)).toBe(false);
        expect(await findImageById(db, image.id)).toBeUndefined();
        expect(await findUpload(db, upload.id)).toBeUndefined();
        expect(await listUploadParts(db, upload.id)).toEqual([]);
        expect(await listTags(db, container.id)).toEqual([
          { arch: "amd64", name: "stable", imageId: kept.id },
        ]);
      });
    });

    describe("tags", () => {
      it("sets, moves and lists tags by arch", async () => {
        const container = await make.container(await make.user("alice"), "lab/tools/app");
        const first = await make.uploadedImage(container.id, 1);
        const second = await make.uploadedImage(container.id, 2);
        await make.tag(first, "latest", "amd64");
        await make.tag(first, "latest", "");
        await make.tag(first, "v1", "amd64");
        await make.tag(second, "latest", "arm64");
        await make.tag(second, "latest", "");

        expect(await findTag(db, container.id, "amd64", "latest")).toEqual({
          arch: "amd64",
          name: "latest",
          imageId: first.id,
        });
        expect((await findTag(db, container.id, "", "latest"))?.imageId).toBe(second.id);
        expect(await findTag(db, container.id, "arm64", "v1")).toBeUndefined();
        expect((await listTags(db, container.id)).map((tag) => `${tag.arch}/${tag.name}`)).toEqual([
          "/latest",
          "amd64/latest",
          "amd64/v1",
          "arm64/latest",
        ]);
        expect(await listTagNamesOfImage(db, first.id)).toEqual(["latest", "v1"]);
        expect(await listTagNamesOfImage(db, second.id)).toEqual(["latest"]);
      });

      it("refuses a tag on an image that is not there", async () => {
        const container = await make.container(await make.user("alice"), "lab/tools/app");
        const tag = {
          containerId: container.id,
          arch: "",
          name: "latest",
          imageId: "0".repeat(24),
        };

        await expect(putTag(db, { ...tag, updatedBy: "alice", nowMs: 1 })).rejects.toThrow();
      });
    });

    describe("uploads", () => {
      let image: ImageRecord;
      let userId: string;

      beforeEach(async () => {
        const alice = await make.user("alice");
        userId = alice.id;
        image = await make.image((await make.container(alice, "lab/tools/app")).id, 1);
      });

      it("returns a new upload, open", async () => {
        const upload = await insertUpload(db, newUpload(image, userId));

        expect(upload).toMatchObject({
          imageId: image.id,
          userId,
          kind: "multipart",
          state: "open",
          totalParts: 3,
        });
        expect(await findUpload(db, upload.id)).toEqual(upload);
        expect(await findUpload(db, "0".repeat(24))).toBeUndefined();
      });

      it("ends an upload once: of many at once, one wins", async () => {
        const { id } = await insertUpload(db, newUpload(image, userId));
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            setUploadState(db, id, n % 2 === 0 ? "completed" : "aborted"),
          ),
        );

        expect(results.filter(Boolean)).toHaveLength(1);
        expect((await findUpload(db, id))?.state).toBe(
          results[0] === true ? "completed" : "aborted",
        );
      });

      it("puts off the expiry of an open upload only, and never brings it forward", async () => {
        const { id } = await insertUpload(db, newUpload(image, userId));

        expect(await touchUpload(db, id, NOW_MS + 50)).toBe(true);
        expect(await touchUpload(db, id, NOW_MS + 20)).toBe(true);
        await setUploadState(db, id, "completed");
        expect(await touchUpload(db, id, NOW_MS + 99)).toBe(false);
        expect((await findUpload(db, id))?.expiresAtMs).toBe(NOW_MS + 50);
      });

      it("notes parts by number, replaces and forgets them", async () => {
        const { id: uploadId } = await insertUpload(db, newUpload(image, userId));
        const part = { uploadId, sizeBytes: 4, sha256: "aa", nowMs: NOW_MS };
        for (const partNumber of [10, 2, 1]) await putUploadPart(db, { ...part, partNumber });
        await putUploadPart(db, { ...part, partNumber: 2, sizeBytes: 5, sha256: "bb" });
        await deleteUploadPart(db, uploadId, 10);
        await deleteUploadPart(db, uploadId, 11);

        expect(await listUploadParts(db, uploadId)).toEqual([
          { partNumber: 1, sizeBytes: 4, sha256: "aa" },
          { partNumber: 2, sizeBytes: 5, sha256: "bb" },
        ]);
      });

      it("lists open uploads, and those whose time is up", async () => {
        const expired = await insertUpload(db, {
          ...newUpload(image, userId),
          expiresAtMs: NOW_MS,
        });
        const open = await insertUpload(db, {
          ...newUpload(image, userId),
          expiresAtMs: NOW_MS + 1,
        });
        const ended = await insertUpload(db, {
          ...newUpload(image, userId),
          expiresAtMs: NOW_MS - 1,
        });
        await setUploadState(db, ended.id, "aborted");

        expect(await listExpiredUploads(db, NOW_MS)).toEqual([expired]);
        expect((await listUploadIds(db)).toSorted()).toEqual([expired.id, open.id].toSorted());
        expect(await listUploadIds(db, "aborted")).toEqual([ended.id]);
      });

      it("forgets ended uploads after a time, open ones never", async () => {
        const open = await insertUpload(db, newUpload(image, userId));
        const ended = await insertUpload(db, newUpload(image, userId));
        await setUploadState(db, ended.id, "completed");

        expect(await deleteEndedUploads(db, ended.expiresAtMs)).toBe(0);
        expect(await deleteEndedUploads(db, ended.expiresAtMs + 1)).toBe(1);
        expect(await findUpload(db, ended.id)).toBeUndefined();
        expect(await findUpload(db, open.id)).toEqual(open);
      });
    });

    describe("blobs", () => {
      it("notes a blob once", async () => {
        await insertBlobIfAbsent(db, {
          digest: digestNumber(1),
          sizeBytes: 2 ** 45,
          createdAtMs: 1,
        });
        await insertBlobIfAbsent(db, { digest: digestNumber(1), sizeBytes: 9, createdAtMs: 2 });

        expect(await findBlob(db, digestNumber(1))).toEqual({
          digest: digestNumber(1),
          sizeBytes: 2 ** 45,
          createdAtMs: 1,
        });
        expect(await findBlob(db, digestNumber(2))).toBeUndefined();
      });

      it("forgets a blob only when no image refers to it", async () => {
        const alice = await make.user("alice");
        const first = await make.uploadedImage((await make.container(alice, "lab/tools/a")).id, 1);
        const second = await make.uploadedImage((await make.container(alice, "lab/tools/b")).id, 1);

        expect(await deleteBlobIfUnreferenced(db, digestNumber(1))).toBe(false);
        await deleteImage(db, first.id);
        expect(await deleteBlobIfUnreferenced(db, digestNumber(1))).toBe(false);
        await deleteImage(db, second.id);
        expect(await listUnreferencedBlobs(db, NOW_MS + 1)).toEqual([digestNumber(1)]);
        expect(await deleteBlobIfUnreferenced(db, digestNumber(1))).toBe(true);
        expect(await deleteBlobIfUnreferenced(db, digestNumber(1))).toBe(false);
      });

      it("lists blobs without images that are older than asked", async () => {
        const container = await make.container(await make.user("alice"), "lab/tools/app");
        await make.uploadedImage(container.id, 1);
        for (const n of [2, 3])
          await insertBlobIfAbsent(db, { digest: digestNumber(n), sizeBytes: 1, createdAtMs: n });

        expect(await listUnreferencedBlobs(db, 3)).toEqual([digestNumber(2)]);
      });
    });

    describe("signing keys", () => {
      it("returns one key, however many ask at once, and finds it by id", async () => {
        const keys = await Promise.all(Array.from({ length: 10 }, () => currentSigningKey(db)));
        const [key] = keys;

        expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
        expect(key?.secret).toHaveLength(32);
        expect(await findSigningKey(db, key!.id)).toEqual(key);
        expect(await findSigningKey(db, "other")).toBeUndefined();
      });
    });
  });
}

function newUpload(image: ImageRecord, userId: string) {
  return {
    imageId: image.id,
    userId,
    kind: "multipart",
    sizeBytes: 300,
    md5: null,
    partSizeBytes: 100,
    totalParts: 3,
    expiresAtMs: NOW_MS + 10,
    nowMs: NOW_MS,
  } as const;
}
