/** A part that has arrived whole and is on disk. */
export interface StoredPart {
  /** Counted from 1. */
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** Without quotes: the part's SHA-256, or `crc32-` and its CRC-32, in lower-case hex. */
  readonly etag: string;
}

/**
 * Remembers which parts of an upload have arrived. Given to stores that cannot remember it
 * themselves: the local folder has one file for all parts. An object store lists its own parts.
 */
export interface PartLedger {
  find(uploadId: string, partNumber: number): Promise<StoredPart | undefined>;
  /** All parts that have arrived, by number. */
  list(uploadId: string): Promise<readonly StoredPart[]>;
  /**
   * Notes a part, replacing an earlier note. Atomic with the check that the upload is open.
   * Survives the end of the process; a power failure may lose the note, and the part is sent again.
   *
   * @throws Fault `upload-closed` if the upload is not open, or does not exist any more.
   */
  put(uploadId: string, part: StoredPart): Promise<void>;
  /**
   * Removes the note of a part.
   *
   * @throws Fault `upload-closed` if the upload is not open.
   */
  remove(uploadId: string, partNumber: number): Promise<void>;
}
