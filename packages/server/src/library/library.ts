import type { BlobStore } from "../blobs/blob-store.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Leases } from "../coordination/leases.js";
import type { Throttle } from "../coordination/throttle.js";
import type { JobWaker } from "../jobs/job-waker.js";

/**
 * Settings of the site that the domain needs. Every value is checked where the configuration is
 * read.
 */
export interface LibrarySettings {
  /** Whether an upload that is not a SIF image is refused. */
  readonly requireSif: boolean;
  /** Largest image accepted, in bytes. */
  readonly maxImageBytes: number;
  /** How long an upload stays open without a byte arriving, in milliseconds. */
  readonly uploadTtlMs: number;
  /** How long a signed URL is good for, in milliseconds. */
  readonly urlTtlMs: number;
  /**
   * How long a transfer may make no progress, in milliseconds. Nothing limits how long it takes in
   * all.
   */
  readonly idleTimeoutMs: number;
  /**
   * Who may create entities: everyone who may write, everyone the one of their own name, or admins
   * only.
   */
  readonly entityCreation: "anyone" | "own-name" | "admin";
  /** Whether public images can be read without a token. */
  readonly anonymousRead: boolean;
  /**
   * Whether a download is answered with a redirect to a signed URL or with the bytes themselves.
   */
  readonly downloads: "redirect" | "stream";
}

/** What every function of the domain works on. */
export interface Library {
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  /** Limits what this process does at once. */
  readonly throttle: Throttle;
  /** Excludes others, in other processes too, from an upload or from a digest's stored bytes. */
  readonly leases: Leases;
  /** Wakes the job runner after a job was enqueued. */
  readonly jobs: JobWaker;
  readonly settings: LibrarySettings;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
