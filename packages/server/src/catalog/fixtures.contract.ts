import { type Digest, type SifContents, parseDigest, parseImageHash } from "@sifshelf/protocol";

import type { Viewer } from "../access/viewer.js";
import { insertBlobIfAbsent } from "./blobs.js";
import { type Catalog } from "./catalog.js";
import { insertCollectionIfAbsent } from "./collections.js";
import { insertContainerIfAbsent } from "./containers.js";
import { insertEntityIfAbsent } from "./entities.js";
import { findImageById, insertImageIfAbsent, markImageUploaded } from "./images.js";
import type { ContainerRecord, ImageRecord, InspectedImage, UserRecord } from "./records.js";
import { putTag } from "./tags.js";
import { insertUser } from "./users.js";

/** The time of everything that is made, unless a test says otherwise. */
export const NOW_MS = 1_800_000_000_000;
export { ANYONE, EVERYTHING as ADMIN } from "../access/viewer.js";
/** A user who may see and change what is theirs. */
export const userView = (userId: string): Viewer => ({
  everywhere: null,
  grants: new Map([[userId, "writer"]]),
});
/** What inspection finds in an ordinary image. */
export const PLAIN: InspectedImage = {
  arch: "amd64",
  isSigned: false,
  isEncrypted: false,
  fingerprints: [],
  sifId: "0b9a2ef4-8d5e-4a7f-9d65-0c2f1b3a4d5e",
};

/** What inspection finds to read in an ordinary image. */
export const CONTENTS: SifContents = {
  labels: { "org.example.version": "1.2" },
  deffile: "Bootstrap: docker\n",
  runscript: "#!/bin/sh\n",
  objects: [{ id: 1, type: "FS", name: "", size: 4096, group: 1, link: { kind: "group", id: 1 } }],
  objectCount: 1,
  problems: [],
};

/** A catalog for one test, and how to end it. */
export interface OpenedCatalog {
  readonly catalog: Catalog;
  readonly close: () => Promise<void>;
}

/** Digest number `n`: a different one for every number. */
export function digestNumber(n: number): Digest {
  return parseDigest(`sha256:${n.toString(16).padStart(64, "0")}`);
}

/** Makes whatever a test needs before it comes to the point. */
export function createFixtures(catalog: Catalog) {
  async function user(name: string): Promise<UserRecord> {
    return (await insertUser(catalog, { name, isAdmin: false, nowMs: NOW_MS }))!;
  }
  async function container(
    owner: UserRecord,
    path: string,
    isPrivate: { collection?: boolean; container?: boolean } = {},
  ): Promise<ContainerRecord> {
    const [entityName = "", collectionName = "", name = ""] = path.split("/");
    const made = { description: "", createdBy: owner.name, nowMs: NOW_MS };
    const entity = await insertEntityIfAbsent(catalog, {
      ...made,
      name: entityName,
      ownerId: owner.id,
      quotaBytes: 0,
      defaultPrivate: false,
    });
    const collection = await insertCollectionIfAbsent(catalog, {
      ...made,
      entityId: entity.id,
      name: collectionName,
      isPrivate: isPrivate.collection ?? false,
    });
    return insertContainerIfAbsent(catalog, {
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
    return insertImageIfAbsent(catalog, {
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
    await insertBlobIfAbsent(catalog, { digest: digestNumber(n), sizeBytes, createdAtMs: nowMs });
    await markImageUploaded(catalog, id, {
      sizeBytes,
      blobDigest: digestNumber(n),
      inspected: { ...PLAIN, ...inspected },
      updatedBy: "alice",
      nowMs,
    });
    return (await findImageById(catalog, id))!;
  }
  async function tag(
    target: ImageRecord,
    name: string,
    arch = "amd64",
    nowMs = NOW_MS,
  ): Promise<void> {
    const containerId = target.container.id;
    await putTag(catalog, {
      containerId,
      arch,
      name,
      imageId: target.id,
      updatedBy: "alice",
      nowMs,
    });
  }
  return { user, container, image, uploadedImage, tag };
}

/** An upload in three parts. */
export function newUpload(image: ImageRecord, userId: string) {
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
