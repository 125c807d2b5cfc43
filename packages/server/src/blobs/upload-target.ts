import type { Digest } from "@sifshelf/protocol";

import type { SumName, Sums } from "./byte-sink.js";
import type { IncomingBody } from "./incoming-body.js";
import type { OpenBytes } from "./open-bytes.js";
import type { StoredPart } from "./part-ledger.js";
import type { PartLayout } from "./part-place.js";
import type { GrantReceiver, TransferGrant } from "./transfer-grant.js";

/** An upload, as far as a store knows it. Its id is never used again, so neither is its key. */
export interface UploadRef extends PartLayout {
  readonly id: string;
  /** `single`: the whole arrives as part 1, verified before it is accepted. */
  readonly kind: "single" | "multipart";
  readonly sizeBytes: number;
}

/** A part for which a client wants a URL. */
export interface PartToGrant {
  /** Counted from 1. */
  readonly partNumber: number;
  /** SHA-256 that the client announced, lower-case hex; null if it did not. */
  readonly sha256: string | null;
  readonly receiver: GrantReceiver;
}

/** A part whose bytes come through this process. */
export interface PartToReceive {
  /** Counted from 1. */
  readonly partNumber: number;
  readonly body: IncomingBody;
  /** The sums that {@link accept} needs. */
  readonly sums: readonly SumName[];
  /** Returns the part's ETag, without quotes. An error it throws rejects the bytes. */
  readonly accept: (sums: Sums) => string;
  readonly onProgress?: (() => Promise<void>) | undefined;
}

/** What the bytes of a finished upload must be. */
export interface UploadToComplete {
  /** The digest to publish them under. */
  readonly digest: Digest;
  /**
   * Called with the parts that have arrived, once no other can be added or replaced. An error it
   * throws ends the attempt and changes nothing.
   */
  readonly accept: (parts: readonly StoredPart[]) => void;
}

/** The whole of an upload: readable, not published yet. No part changes until {@link close}. */
export interface CompletedUpload {
  readonly sizeBytes: number;
  /** SHA-256 of all bytes in lower-case hex, of what is stored. Does not block the event loop. */
  sha256(): Promise<string>;
  /** The caller closes it. */
  open(): Promise<OpenBytes>;
  /**
   * Publishes the bytes under the digest given to {@link UploadTarget.complete}; durable on return.
   * If that blob exists, it stays and these bytes are not needed. Idempotent. The caller has
   * verified the digest, and keeps the blob from being collected meanwhile.
   */
  publish(): Promise<void>;
  /** Ends the attempt. Unless the bytes were published, parts can be sent again. */
  close(): Promise<void>;
}

/**
 * Where the bytes of uploads arrive. Parts are addressed by number. They may arrive in any order,
 * at once, and again; a part that was acknowledged stays as it is until another has arrived whole.
 */
export interface UploadTarget {
  /** Whether a client that announces the SHA-256 of a part gets wrong bytes rejected at once. */
  readonly checksPartSha256: boolean;
  /** Prepares for an upload's bytes. Called once, when the upload is on record. */
  begin(upload: UploadRef): Promise<void>;
  /** Grants a client to send one part, which may have been sent before. */
  grantPart(upload: UploadRef, part: PartToGrant): Promise<TransferGrant>;
  /**
   * Receives one part; it is durable on return. A second sender of the same part waits for the
   * first and makes it hurry.
   *
   * @throws Fault `bad-request` for a number that no part has, `upload-closed`, `storage-full`, and
   *   whatever `accept` and {@link IncomingBody.receiveInto} throw.
   */
  receivePart(upload: UploadRef, part: PartToReceive): Promise<StoredPart>;
  /** The parts that have arrived whole, by number. */
  listParts(upload: UploadRef): Promise<readonly StoredPart[]>;
  /**
   * Puts the parts together. The caller sees to it that one process at a time completes an upload,
   * and closes the result. After a crash it can be called again.
   *
   * @throws Fault `conflict` if parts are missing, `upload-closed` if the bytes are gone, and
   *   whatever `accept` throws.
   */
  complete(upload: UploadRef, options: UploadToComplete): Promise<CompletedUpload>;
  /**
   * Drops everything kept for an upload except a published blob. Does nothing if there is nothing.
   */
  abort(uploadId: string): Promise<void>;
  /** Ids of the uploads for which anything is kept. */
  list(): Promise<readonly string[]>;
}
