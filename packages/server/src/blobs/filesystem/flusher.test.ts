import { describe, expect, it } from "vitest";

import { createFlusher } from "./flusher.js";

const MIB = 1024 * 1024;

/** A file whose syncs end when they are told to: no disk fails when it should. */
function slowFile() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  return {
    ends,
    datasync: () => new Promise<void>((resolve, reject) => void ends.push({ resolve, reject })),
  };
}

describe("createFlusher", () => {
  it("sends a file to the disk once 8 MiB were written, and again after the next", async () => {
    const file = slowFile();
    const flushed = createFlusher().begin(file);
    flushed.wrote(8 * MIB - 1);
    expect(file.ends).toHaveLength(0);
    flushed.wrote(1);
    expect(file.ends).toHaveLength(1);
    flushed.wrote(8 * MIB);
    expect(file.ends).toHaveLength(1);
    file.ends[0]!.resolve();
    await Promise.resolve();
    await expect
      .poll(() => {
        flushed.wrote(0);
        return file.ends.length;
      })
      .toBe(2);
  });

  it("does so for two files at a time", async () => {
    const flusher = createFlusher();
    const files = [slowFile(), slowFile(), slowFile()];
    const [first, , third] = files.map((file) => {
      const flushed = flusher.begin(file);
      flushed.wrote(8 * MIB);
      return flushed;
    });
    expect(files.map(({ ends }) => ends.length)).toEqual([1, 1, 0]);
    files[0]!.ends[0]!.resolve();
    await expect
      .poll(() => {
        third!.wrote(0);
        return files[2]!.ends.length;
      })
      .toBe(1);
    const synced = first!.sync();
    files[0]!.ends[1]!.resolve();
    await expect(synced).resolves.toBeUndefined();
  });

  it("syncs what was written after the last time, and waits for what is under way", async () => {
    const file = slowFile();
    const flushed = createFlusher().begin(file);
    flushed.wrote(8 * MIB);
    let isSynced = false;
    const synced = flushed.sync().then(() => void (isSynced = true));
    file.ends[1]!.resolve();
    await new Promise(setImmediate);
    expect(isSynced).toBe(false);
    file.ends[0]!.resolve();
    await synced;
  });

  it("fails a sync that succeeds after a flush that failed, before it or beside it", async () => {
    const file = slowFile();
    const flushed = createFlusher().begin(file);
    flushed.wrote(8 * MIB);
    const beside = flushed.sync();
    file.ends[1]!.resolve();
    file.ends[0]!.reject(new Error("EIO"));
    await expect(beside).rejects.toThrow("EIO");
    const after = flushed.sync();
    file.ends[2]!.resolve();
    await expect(after).rejects.toThrow("EIO");
  });
});
