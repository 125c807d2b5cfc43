import { describe, expect, it } from "vitest";

import type { JournalLine } from "./pull-journal.js";
import { createRangeJournal } from "./range-journal.js";

const MIB = 1024 * 1024;
const BYTES = new Uint8Array(MIB);

/** A slow disk: each append waits until it is released. */
function slowDisk() {
  const appended: (readonly JournalLine[])[] = [];
  const waiting: (() => void)[] = [];
  const append = (lines: readonly JournalLine[]) => {
    appended.push(lines);
    return new Promise<void>((resolve) => void waiting.push(resolve));
  };
  const letThrough = async () => {
    waiting.shift()?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { appended, append, letThrough };
}

const bytesOf = (lines: readonly JournalLine[]) =>
  lines.reduce((sum, line) => sum + ("stretch" in line ? line.stretch[1] : 0), 0);

describe("createRangeJournal", () => {
  it("journals once some bytes have come, those of all parts", () => {
    const { appended, append } = slowDisk();
    const journal = createRangeJournal(append);
    for (const offset of [0, 100 * MIB, MIB]) journal.written(offset, BYTES);
    expect(appended).toEqual([]);
    journal.written(101 * MIB, BYTES);
    const ranges = [...(appended[0] ?? [])].map((line) => "stretch" in line && line.stretch);
    expect(ranges).toEqual([
      [0, 2 * MIB, expect.any(Number)],
      [100 * MIB, 2 * MIB, expect.any(Number)],
    ]);
  });

  it("journals all that has come meanwhile, when the disk is slower than the line", async () => {
    const { appended, append, letThrough } = slowDisk();
    const journal = createRangeJournal(append);
    for (let index = 0; index < 100; index++) journal.written(index * MIB, BYTES);
    expect(appended.map(bytesOf)).toEqual([4 * MIB]);
    await letThrough();
    expect(appended.map(bytesOf)).toEqual([4 * MIB, 96 * MIB]);
  });

  it("journals the rest when it is stopped, and rejects with what went wrong", async () => {
    const { appended, append, letThrough } = slowDisk();
    const journal = createRangeJournal(append);
    journal.written(0, BYTES);
    const stopped = journal.stop();
    await letThrough();
    await letThrough();
    await stopped;
    expect(appended.map(bytesOf)).toEqual([MIB]);
    expect(journal.journalledBytes).toBe(MIB);
    const failing = createRangeJournal(() => Promise.reject(new Error("full")));
    failing.written(0, BYTES);
    await expect(failing.stop()).rejects.toThrow("full");
    expect(() => failing.throwIfFailed()).toThrow("full");
  });
});
