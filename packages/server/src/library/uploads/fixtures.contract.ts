import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { digestOfSha256Hex, imageHashOfDigest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import type { BlobStore } from "../../blobs/blob-store.js";
import type { Sums } from "../../blobs/byte-sink.js";
import { createFixtures, NOW_MS } from "../../catalog/fixtures.contract.js";
import { insertImageIfAbsent } from "../../catalog/images.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { openCatalog } from "../../catalog/open/open-catalog.js";
import { insertUpload } from "../../catalog/uploads.js";
import { createLeases } from "../../coordination/leases.js";
import { createThrottle } from "../../coordination/throttle.js";
import { Fault } from "../../faults/fault.js";
import { createJobWaker, type JobWaker } from "../../jobs/job-waker.js";
import { openBlobStore } from "../../open-blob-store.js";
import type { Library, LibrarySettings } from "../library.js";
import type { IncomingBody } from "../../blobs/incoming-body.js";

export const HOUR_MS = 3_600_000;

const SETTINGS: LibrarySettings = {
  requireSif: true,
  maxImageBytes: 1024 ** 4,
  uploadTtlMs: HOUR_MS,
  urlTtlMs: HOUR_MS,
  idleTimeoutMs: 60_000,
  entityCreation: "anyone",
  anonymousRead: true,
  downloads: "redirect",
};

/** A library on a folder of its own, with a container to push to and two users. */
export interface TestLibrary {
  readonly library: Library;
  /** Its data folder. */
  readonly folder: string;
  readonly alice: UserPrincipal;
  readonly bob: UserPrincipal;
  readonly clock: { nowMs: number };
  /** The container's image of these bytes, not uploaded yet. */
  imageOf(bytes: Uint8Array, container?: "first" | "second"): Promise<ImageRecord>;
  /** An open upload with parts of any size. */
  openSmallParts(
    image: ImageRecord,
    sizeBytes: number,
    partSizeBytes: number,
  ): Promise<UploadRecord>;
  /** The library as a process finds it that starts on the same folder. */
  restart(): Promise<Library>;
  close(): Promise<void>;
}

/** What differs from an ordinary library. */
export interface TestLibraryOptions {
  readonly settings?: Partial<LibrarySettings>;
  /** Changes what the blob store does, to make it fail. */
  readonly spoil?: (blobs: BlobStore) => BlobStore;
  /** Is woken when jobs were enqueued; by default nobody does them, as after a kill. */
  readonly jobs?: JobWaker;
  /** Gets the text of every statement that the catalog runs. */
  readonly trace?: (statement: string) => void;
}

export async function createTestLibrary(options: TestLibraryOptions = {}): Promise<TestLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-upload-"));
  const path = join(folder, "catalog.sqlite");
  const catalog = await openCatalog({ kind: "sqlite", path, trace: options.trace });
  const clock = { nowMs: NOW_MS };
  const now = () => clock.nowMs;
  const { urlTtlMs } = SETTINGS;
  const openBlobs = () => openBlobStore({ dataFolder: folder, catalog, urlTtlMs, now });
  const blobs = await openBlobs();
  const library: Library = {
    catalog,
    blobs: options.spoil?.(blobs) ?? blobs,
    throttle: createThrottle(),
    leases: createLeases(),
    jobs: options.jobs ?? createJobWaker(),
    settings: { ...SETTINGS, ...options.settings },
    now,
  };
  const make = createFixtures(catalog);
  const alice = await make.user("alice");
  const bob = await make.user("bob");
  const containers = {
    first: await make.container(alice, "alice/images/first"),
    second: await make.container(alice, "alice/images/second"),
  };
  return {
    library,
    folder,
    alice: principalOf(alice),
    bob: principalOf(bob),
    clock,
    imageOf: (bytes, container = "first") =>
      insertImageIfAbsent(catalog, {
        containerId: containers[container].id,
        hash: imageHashOfDigest(digestOf(bytes)),
        description: "",
        createdBy: "alice",
        nowMs: clock.nowMs,
      }),
    async openSmallParts(image, sizeBytes, partSizeBytes) {
      const upload = await insertUpload(catalog, {
        imageId: image.id,
        userId: alice.id,
        kind: "multipart",
        sizeBytes,
        md5: null,
        partSizeBytes,
        totalParts: Math.ceil(sizeBytes / partSizeBytes),
        nowMs: clock.nowMs,
        expiresAtMs: clock.nowMs + HOUR_MS,
      });
      await library.blobs.uploads.begin(upload);
      return upload;
    },
    restart: async () => ({
      ...library,
      blobs: await openBlobs(),
      throttle: createThrottle(),
      leases: createLeases(),
    }),
    async close() {
      await catalog.close();
      await rm(folder, { recursive: true });
    },
  };
}

function principalOf(user: { readonly id: string; readonly name: string }): UserPrincipal {
  return {
    kind: "user",
    userId: user.id,
    userName: user.name,
    isAdmin: false,
    scope: "write",
    tokenId: "0".repeat(24),
  };
}

/** How bytes arrive. */
export interface BodyOptions {
  /** Bytes after which the connection breaks; default: never. */
  readonly breakAfter?: number;
  /** Waited for before the last chunk. */
  readonly gate?: Promise<unknown>;
  readonly chunkBytes?: number;
}

/** A body that has been sent; `hurries` counts the calls of `hurry`. */
export function bodyOf(
  bytes: Uint8Array,
  { breakAfter = Number.POSITIVE_INFINITY, gate, chunkBytes = 1 << 20 }: BodyOptions = {},
): IncomingBody & { readonly hurries: () => number } {
  let hurries = 0;
  return {
    announcedBytes: bytes.length,
    async receiveInto(sink, options): Promise<Sums> {
      if (bytes.length !== options.sizeBytes) throw new Fault("size-mismatch", "announced");
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = bytes.subarray(at, Math.min(at + chunkBytes, breakAfter));
        if (at + chunkBytes >= bytes.length) await gate;
        await sink.write([chunk]);
        await options.onProgress?.();
        if (at + chunkBytes > breakAfter) throw new Fault("size-mismatch", "broken");
      }
      return sink.sums();
    },
    hurry() {
      hurries += 1;
    },
    hurries: () => hurries,
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function digestOf(bytes: Uint8Array) {
  return digestOfSha256Hex(sha256Of(bytes));
}

/** All bytes of an uploaded image; undefined if it has none. */
export async function storedBytes(
  { blobs }: Library,
  image: Pick<ImageRecord, "blobDigest">,
): Promise<Buffer | undefined> {
  if (image.blobDigest === null) return undefined;
  const blob = await blobs.openBlob(image.blobDigest);
  if (blob === undefined) return undefined;
  try {
    return Buffer.from(await blob.read(0, blob.size));
  } finally {
    await blob.close();
  }
}
