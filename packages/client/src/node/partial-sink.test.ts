import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdtemp, readdir, readFile, rename, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LostPartial } from "./partial-file.js";
import { createPartialSink } from "./partial-sink.js";
import { thisProcess } from "./process-owner.js";
import { journalLine, parseJournal } from "./pull-journal.js";

const MIB = 1024 * 1024;
const BYTES = randomBytes(6 * MIB);
const IMAGE = {
  sizeBytes: BYTES.byteLength,
  sha256: createHash("sha256").update(BYTES).digest("hex"),
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-sink-"));
  path = join(folder, "a.sif");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const journalPath = async () => {
  const name = (await readdir(folder)).find((found) => found.endsWith(".journal"));
  return join(folder, name ?? "no journal");
};

/** As if its process ran on another machine, and had been silent for longer than the lease. */
async function passForGone(): Promise<void> {
  const journal = await journalPath();
  const owner = { ...(await thisProcess()), host: "elsewhere" };
  await appendFile(journal, journalLine({ owner }));
  const before = new Date(Date.now() - 10 * 60_000);
  await utimes(journal, before, before);
}

describe("createPartialSink", () => {
  describe("when another process took the partial over while this one stood still", () => {
    it("writes nothing any more, neither before nor after it is published", async () => {
      const late = createPartialSink(path);
      await late.begin?.(IMAGE, false);
      await late.write(0, BYTES.subarray(0, 5 * MIB));
      await passForGone();
      const heir = createPartialSink(path);
      expect(await heir.begin?.(IMAGE, false)).toEqual([{ offset: 0, length: 5 * MIB }]);
      await heir.write(5 * MIB, BYTES.subarray(5 * MIB));
      const nowMs = Date.now() + 2_000;
      vi.spyOn(Date, "now").mockImplementation(() => nowMs);
      await expect(late.write(0, randomBytes(MIB))).rejects.toBeInstanceOf(LostPartial);
      expect(await late.isLost()).toBe(true);
      await rename(await heir.finish(), path);
      await heir.remove();
      await expect(late.write(MIB, randomBytes(MIB))).rejects.toBeInstanceOf(LostPartial);
      await late.release();
      expect((await readFile(path)).equals(BYTES)).toBe(true);
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });
  });

  describe("when it is stopped while it looks at what is there", () => {
    it("keeps that", async () => {
      const first = createPartialSink(path);
      await first.begin?.(IMAGE, false);
      await first.write(0, BYTES.subarray(0, 5 * MIB));
      await first.release();
      const stopped = createPartialSink(path, AbortSignal.abort(new Error("stop")));
      await expect(stopped.begin?.(IMAGE, false)).rejects.toThrow("stop");
      await stopped.release();
      const next = createPartialSink(path);
      expect(await next.begin?.(IMAGE, false)).toEqual([{ offset: 0, length: 5 * MIB }]);
      await next.remove();
    });
  });

  describe("while many parts grow at once", () => {
    it("journals them together, so that little is lost with the process", async () => {
      const sink = createPartialSink(path);
      await sink.begin?.(IMAGE, false);
      const half = MIB / 2;
      for (let part = 0; part < 12; part += 1) {
        await sink.write(part * half, BYTES.subarray(part * half, part * half + half / 2));
        await sink.write(part * half + half / 2, BYTES.subarray(0, half / 2));
      }
      await vi.waitFor(async () => {
        const content = parseJournal(await readFile(await journalPath(), "utf8"));
        const bytes = content?.ranges.reduce((sum, { length }) => sum + length, 0);
        expect(bytes).toBeGreaterThanOrEqual(4 * MIB);
      });
      await sink.remove();
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
