import type { Digest } from "@sifshelf/protocol";

import type { BlobStore } from "../blobs/blob-store.js";
import type { Catalog } from "../catalog/catalog.js";
import type { KeyedLock } from "../coordination/keyed-lock.js";

/** How this site wants its library to behave. Every value is checked where the configuration is read. */
export interface LibrarySettings {
  /** Whether an upload that is not a SIF image is refused. */
  readonly requireSif: boolean;
  /** Largest image accepted, in bytes. */
  readonly maxImageBytes: number;
  /** How long an upload stays open without a byte arriving, in milliseconds. */
  readonly uploadTtlMs: number;
  /** How long a signed URL is good for, in milliseconds. */
  readonly urlTtlMs: number;
  /** How long a transfer may make no progress, in milliseconds. Nothing limits how long it takes in all. */
  readonly idleTimeoutMs: number;
  /** Who may create entities: everyone who may write, everyone the one of their own name, or admins only. */
  readonly entityCreation: "anyone" | "own-name" | "admin";
  /** Whether public images can be read without a token. */
  readonly anonymousRead: boolean;
  /** Whether a download is answered with a redirect to a signed URL or with the bytes themselves. */
  readonly downloads: "redirect" | "stream";
}

/** What every function of the domain works on. */
export interface Library {
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  /** Serialises work on one upload, part or blob. Shared by all that use the same blobs. */
  readonly locks: KeyedLock;
  readonly settings: LibrarySettings;
  /** Has stored bytes inspected soon, in the background. Never throws; upkeep finds what is missed. */
  readonly inspectSoon: (digest: Digest) => void;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
