import { addToSum, EMPTY_SUM, type JournalledRange, type JournalLine } from "./pull-journal.js";

/** Written bytes that make a journal entry worthwhile. */
const ENTRY_BYTES = 4 * 1024 * 1024;

/**
 * Interval at which everything written is journalled, or at least a sign of life, in milliseconds.
 */
const BEAT_MS = 5_000;

/** Journals which ranges were written. */
export interface RangeJournal {
  readonly written: (offset: number, bytes: Uint8Array) => void;
  /** Bytes of the ranges passed to `append`. */
  readonly journalledBytes: number;
  /** Throws the error that kept a line from being written. */
  readonly throwIfFailed: () => void;
  /** Journals the rest. Rejects when not everything could be journalled. */
  readonly stop: () => Promise<void>;
}

/**
 * Creates a journal whose lines `append` writes, one call at a time. Everything written meanwhile
 * goes into the next call, so that the journal does not fall further and further behind on a busy
 * disk: what it lacks is lost with the process.
 */
export function createRangeJournal(
  append: (lines: readonly JournalLine[]) => Promise<void>,
): RangeJournal {
  /** By their end. */
  const growing = new Map<number, JournalledRange>();
  let failure: { readonly error: unknown } | undefined;
  let journalledBytes = 0;
  let waitingBytes = 0;
  let appending: Promise<void> | undefined;
  const isWorthwhile = () => waitingBytes >= ENTRY_BYTES;
  const appendAll = async () => {
    const lines = [...growing.values()].map(({ offset, length, sum }) => ({
      stretch: [offset, length, sum] as const,
    }));
    growing.clear();
    journalledBytes += waitingBytes;
    waitingBytes = 0;
    await append(lines.length === 0 ? [{ alive: true }] : lines);
  };
  const appendWhileWorthwhile = async () => {
    do await appendAll();
    while (isWorthwhile());
  };
  const flush = () => {
    appending ??= appendWhileWorthwhile()
      .catch((error: unknown) => void (failure ??= { error }))
      .finally(() => (appending = undefined));
    return appending;
  };
  const beat = setInterval(() => void flush(), BEAT_MS);
  beat.unref();
  const throwIfFailed = () => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    written(offset, bytes) {
      const before = growing.get(offset) ?? { offset, length: 0, sum: EMPTY_SUM };
      growing.delete(offset);
      const length = before.length + bytes.byteLength;
      const range = { offset: before.offset, length, sum: addToSum(before.sum, offset, bytes) };
      growing.set(offset + bytes.byteLength, range);
      waitingBytes += bytes.byteLength;
      if (isWorthwhile()) void flush();
    },
    get journalledBytes() {
      return journalledBytes;
    },
    throwIfFailed,
    async stop() {
      clearInterval(beat);
      await appending;
      await flush();
      throwIfFailed();
    },
  };
}
