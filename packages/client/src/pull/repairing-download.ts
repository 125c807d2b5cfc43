import { isLibraryError } from "../errors/library-error.js";
import type { LibraryReply } from "../http/send.js";
import { damagedParts } from "./damaged-parts.js";
import type { PartSource } from "./part-source.js";
import { isChangedObject } from "./range-request.js";
import { type Download, downloadRanges } from "./ranged-download.js";
import { type ByteRange, missingRanges } from "../transfer/byte-range.js";

/** How often damaged parts are fetched again before all of the image is. */
const MAX_REPAIRS = 2;

/** A download whose damage may be repaired. */
export interface RepairableDownload extends Download {
  readonly imageId: string;
  /** Whether the library has digests of parts. Asked only when something is damaged. */
  readonly hasPartDigests: () => Promise<boolean>;
}

/** The result of a download. */
export interface RepairedDownload {
  /** The reply with the whole image instead, unread, when ranges are not available. */
  readonly whole: LibraryReply | undefined;
  /** Bytes that first arrived damaged and were fetched again. */
  readonly repairedBytes: number;
}

/**
 * Like {@link downloadRanges}, but when the SHA-256 is wrong and the library has digests of parts,
 * fetches the parts that differ again and verifies everything again.
 */
export async function downloadAndRepair(
  download: RepairableDownload,
  source: PartSource,
): Promise<RepairedDownload> {
  let { present } = download;
  let repairedBytes = 0;
  for (let repairs = 0; ; repairs++) {
    try {
      const whole = await downloadRanges({ ...download, present }, source);
      return { whole, repairedBytes };
    } catch (error) {
      const damaged = repairs < MAX_REPAIRS ? await findDamage(download, error) : [];
      if (damaged.length === 0 || !isLibraryError(error)) throw error;
      const { meter, expected } = download;
      const damagedBytes = damaged.reduce((sum, { length }) => sum + length, 0);
      repairedBytes += damagedBytes;
      present = [...missingRanges(expected.sizeBytes, damaged)];
      meter.retried(error);
      meter.begin("transfer", expected.sizeBytes, expected.sizeBytes - damagedBytes);
    }
  }
}

/** Returns what has to be fetched again, nothing where that cannot be determined. */
async function findDamage(
  download: RepairableDownload,
  error: unknown,
): Promise<readonly ByteRange[]> {
  const { connection, sink, expected, imageId, meter, signal } = download;
  const isDamaged = isLibraryError(error) && error.code === "integrity" && !isChangedObject(error);
  if (!isDamaged || connection.retry.maxAttempts === 1 || sink.read === undefined) return [];
  const read = sink.read.bind(sink);
  const { logger } = connection;
  const image = { ref: expected.ref, imageId };
  try {
    if (!(await download.hasPartDigests())) return [];
    meter.begin("verify", expected.sizeBytes);
    const source = { size: expected.sizeBytes, read };
    const compared = { connection, imageId, source, signal, onCompared: meter.reach };
    const damaged = await damagedParts(compared);
    const damagedBytes = damaged.reduce((sum, { length }) => sum + length, 0);
    const found = { ...image, damagedParts: damaged.length, damagedBytes };
    logger.warn?.("the bytes that arrived are damaged; fetching the damaged parts again", found);
    return damaged;
  } catch (cause) {
    signal?.throwIfAborted();
    if (!isLibraryError(cause)) throw cause;
    const reason = { ...image, code: cause.code, status: cause.status };
    logger.warn?.("could not determine which parts are damaged", reason);
    return [];
  }
}
