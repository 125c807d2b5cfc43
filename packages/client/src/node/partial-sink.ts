import { dirname } from "node:path";

import type { ByteSink, SinkImage } from "../transfer/byte-sink.js";
import { openSinkHash } from "./sink-hash.js";
import { type FileSink, fileSink } from "./file-sink.js";
import { findPartial, stampMs, sweepPartials } from "./find-partial.js";
import { checkFreeSpace } from "./disk.js";
import { createPartial, type PartialFile } from "./partial-file.js";
import { presentRanges } from "./present-ranges.js";
import { createRangeJournal, type RangeJournal } from "./range-journal.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** A sink that keeps what arrived for a later pull of the same image, by any process. */
export interface PartialSink extends ByteSink {
  /** Whether another process has taken it over. */
  isLost(): Promise<boolean>;
  /** Syncs and closes everything. Returns the path of the data. */
  finish(): Promise<string>;
  /** Removes it; after {@link finish}, what is left of it. */
  remove(): Promise<void>;
  /**
   * Releases it, so that a later pull can continue it. Removes it when nothing useful has arrived.
   */
  release(): Promise<void>;
}

/** Fewer bytes are fetched again sooner than found. */
const WORTHWHILE_BYTES = 1024 * 1024;

interface Opened {
  readonly partial: PartialFile;
  readonly sink: FileSink;
  readonly journal: RangeJournal;
  /** Bytes present at the beginning: as the journal claims, until they are checked. */
  presentBytes: number;
}

/**
 * Creates a sink for a partial file beside `destination`, which is found or created once the image
 * is known.
 */
export function createPartialSink(destination: string, signal?: AbortSignal): PartialSink {
  let opened: Opened | undefined;
  const current = (): Opened => {
    if (opened === undefined) throw new Error("begin has to be called first");
    return opened;
  };
  const remove = async () => {
    await opened?.journal.stop().catch(() => {});
    await opened?.sink.stop();
    await opened?.partial.close();
    await opened?.partial.remove();
    opened = undefined;
  };
  return {
    async begin(image, isRestart) {
      if (isRestart) await remove();
      opened = await openPartial(destination, image, isRestart);
      const { partial, sink } = opened;
      const present = await presentRanges(sink, partial.ranges, signal);
      opened.presentBytes = lengthOf(present);
      await reserve(partial, image, present);
      return present;
    },
    async write(offset, bytes) {
      const { partial, sink, journal } = current();
      journal.throwIfFailed();
      await partial.assertOurs();
      await sink.write(offset, bytes);
      journal.written(offset, bytes);
    },
    read: (offset, length) => current().sink.read(offset, length),
    openHash: async (sizeBytes) => openSinkHash(current().partial.data.fd, sizeBytes),
    isLost: async () => opened !== undefined && !(await opened.partial.isOurs()),
    async finish() {
      const { partial, sink, journal } = current();
      await journal.stop();
      await sink.stop();
      await sink.sync();
      await partial.close();
      return partial.path;
    },
    remove,
    async release() {
      if (opened === undefined) return;
      const { partial, sink, journal } = opened;
      await sink.stop();
      await journal.stop().catch(() => {});
      if (opened.presentBytes + journal.journalledBytes < WORTHWHILE_BYTES) return remove();
      // If it was lost, another process already continues it.
      await partial.append([{ owner: null }]).catch(() => {});
      await partial.close();
      opened = undefined;
    },
  };
}

async function openPartial(
  destination: string,
  image: SinkImage,
  isRestart: boolean,
): Promise<Opened> {
  const partial = await (isRestart ? createPartial : findPartial)(destination, image);
  const fileSystemMs = await stampMs(partial.journalPath);
  await sweepPartials({ destination, sha256: image.sha256, fileSystemMs });
  const journal = createRangeJournal(partial.append);
  const presentBytes = lengthOf(partial.ranges);
  return {
    partial,
    sink: fileSink(partial.path, partial.data, image.sizeBytes),
    journal,
    presentBytes,
  };
}

function lengthOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { length }) => sum + length, 0);
}

/** Reserves space for an image where possible, and rejects one that does not fit. */
async function reserve(
  partial: PartialFile,
  { sizeBytes }: SinkImage,
  present: readonly ByteRange[],
): Promise<void> {
  await checkFreeSpace(dirname(partial.path), sizeBytes - lengthOf(present));
  await partial.data.truncate(sizeBytes);
}
