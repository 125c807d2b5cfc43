import type { Digest } from "@sifshelf/protocol";
import type { ByteSource } from "@sifshelf/sif";

/** Stored bytes, open for reading. They stay readable until closed, also when they are deleted meanwhile. */
export interface OpenBytes extends ByteSource {
  /** Fills `buffer` from `offset` on and answers how many bytes that gave: fewer only at the end, 0 behind it. */
  readUpTo(buffer: Uint8Array, offset: number): Promise<number>;
  /** Descriptor of the file that has these bytes, all of them and from its start on, if there is one. Valid until closed. */
  readonly fd?: number;
  close(): Promise<void>;
}

/** A published blob as the store lists it. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** A published blob's file, for a front server that sends it in our place. */
export interface ExposedBlob {
  /** Below the store's folder `blobs`, with forward slashes: `sha256/ab/ab…`. */
  readonly path: string;
  readonly size: number;
}

/** Bytes `start` to `end` of a blob, cut into parts; the last may be shorter. */
export interface BlobCut {
  readonly start: number;
  readonly end: number;
  readonly partBytes: number;
}

/** Reads what is published. */
export interface BlobReader {
  /** The blob's bytes, or undefined if there is no such blob. Whoever opens closes. */
  openBlob(digest: Digest): Promise<OpenBytes | undefined>;
  /** Lets the group of the blob's file read it, and tells where it is; undefined if there is no such blob. */
  exposeBlob(digest: Digest): Promise<ExposedBlob | undefined>;
  /**
   * SHA-256 of each part, lower-case hex, fewer once `isAbandoned` says that nobody wants them; undefined if there is no such blob.
   * Does not hold up the event loop.
   */
  hashParts(
    digest: Digest,
    cut: BlobCut,
    isAbandoned: () => boolean,
  ): Promise<readonly string[] | undefined>;
  /** Every published blob, in the order of their digests; only those after `after` if it is given. */
  listBlobs(after?: Digest): AsyncIterable<StoredBlob>;
}

/** Deletes what is published. */
export interface BlobDeleter {
  /** Deletes a blob, for good when it answers. False if there was none. */
  deleteBlob(digest: Digest): Promise<boolean>;
}

/** What can be computed of bytes on their way in: hashes, and a checksum that tells accidents of the line, for next to nothing. */
export type SumName = "sha256" | "md5" | "crc32";

/** Sums of bytes, lower-case hex: those that were asked for. */
export type Sums = Readonly<Partial<Record<SumName, string>>>;

/** Takes bytes, one after the other. One `write` at a time. */
export interface ByteSink {
  /** Writes all of the chunks. Their memory is given away: they may be empty when it answers. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Sums of all that was written, once that is all. Does not hold up the event loop. */
  sums(): Promise<Sums>;
}

/** Bytes that are to become a part of an upload's staged file, written where they belong. */
export interface StagedPart extends ByteSink {
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes on trial, apart from the upload's staged file until one of the first two calls. {@link discard} it in the end, always. */
export interface StagedAttempt extends ByteSink {
  /** Makes the bytes the upload's staged file, durably, in place of what was staged. */
  keepAsWhole(): Promise<void>;
  /** Copies the bytes into the upload's staged file from `offset` on, durably. */
  copyToPart(offset: number): Promise<void>;
  /** Deletes the bytes, unless they were kept. Never throws: what stays goes with the staging. */
  discard(): Promise<void>;
}

/**
 * Keeps the bytes of open uploads, and publishes them. An upload has one staged file, and any number of attempts at it.
 * Except for {@link createStaging}, everything fails with `upload-closed` once the staging is discarded.
 */
export interface UploadStaging {
  /** Makes room for an upload's bytes; nothing is staged yet. */
  createStaging(uploadId: string): Promise<void>;
  /** Begins an attempt of its own, of which these sums are wanted. */
  openAttempt(uploadId: string, sums: readonly SumName[]): Promise<StagedAttempt>;
  /** Begins to write the staged file at `offset`; several may do so at once, in ranges of their own. */
  openPart(uploadId: string, offset: number, sums: readonly SumName[]): Promise<StagedPart>;
  /** The staged file. Whoever opens closes. */
  openStaged(uploadId: string): Promise<OpenBytes>;
  /** SHA-256 of the staged file, lower-case hex. Does not hold up the event loop. */
  hashStaged(uploadId: string): Promise<string>;
  /**
   * These bytes of the staged file are on disk and stay what they are until {@link forgetHash}. Once all before them are there too,
   * they are hashed in the background, so that {@link hashStaged} has less to do. Never throws.
   */
  hashAhead(uploadId: string, offset: number, length: number): void;
  /** What {@link hashAhead} was told is not so any more: {@link hashStaged} reads the whole file again. Never throws. */
  forgetHash(uploadId: string): void;
  /**
   * Publishes the staged file under its digest, which the caller has verified; durable when it answers. If the blob is there, the
   * staged bytes are not needed. Done twice it is done once. The caller holds the lock of the digest.
   */
  publishStaged(uploadId: string, digest: Digest): Promise<void>;
  /**
   * Whether {@link publishStaged} has published these bytes already, which the catalog cannot know if the process was killed before
   * it was told. Then there is no staged file any more.
   */
  wasPublished(uploadId: string, digest: Digest): Promise<boolean>;
  /** Deletes everything staged for an upload; nothing happens if there is nothing. */
  discardStaging(uploadId: string): Promise<void>;
  /** Ids of all uploads that have a staging. */
  listStagings(): Promise<readonly string[]>;
}

/**
 * Keeps the bytes of images, addressed by digest. Every failure is a Fault: `storage-full` when there is no room,
 * `upload-closed` when the staging is gone, otherwise `internal` with the cause.
 */
export interface BlobStore extends BlobReader, BlobDeleter, UploadStaging {}
