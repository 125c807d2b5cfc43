import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createHashLanes } from "./hash-lanes.js";

const BYTES = Buffer.from("bytes");

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-lanes-"));
  path = join(folder, "file");
  await writeFile(path, BYTES);
});
afterEach(() => rm(folder, { recursive: true }));

describe("createHashLanes", () => {
  describe("when more files are hashed than there are processors", () => {
    it("gives no more threads than that, and numbers of their own", () => {
      const lanes = createHashLanes(0);
      const entered = Array.from({ length: 20 }, () => lanes.enter());
      const threads = new Set(entered.map(({ thread }) => thread));
      expect(threads.size).toBeLessThanOrEqual(availableParallelism());
      for (const thread of threads) {
        const ids = entered.filter((lane) => lane.thread === thread).map((lane) => lane.nextId());
        expect(new Set(ids).size).toBe(ids.length);
      }
      for (const lane of entered) lane.leave();
    });
  });

  describe("when a thread has ended before its time", () => {
    it("rejects those who are in it, and gives others a new one", async () => {
      const lanes = createHashLanes(0);
      const old = lanes.enter();
      const waiting = old.thread.update(old.nextId(), {
        path,
        offset: 0,
        length: BYTES.length,
        sums: ["sha256"],
      });
      old.thread.close();
      await expect(waiting).rejects.toBeInstanceOf(Error);

      const entered = Array.from({ length: 20 }, () => lanes.enter());
      expect(entered.filter(({ thread }) => thread === old.thread)).toEqual([]);
      const [lane] = entered;
      const id = lane?.nextId() ?? 0;
      await lane?.thread.update(id, {
        path,
        offset: 0,
        length: BYTES.length,
        sums: ["sha256"],
      });
      const sha256 = createHash("sha256").update(BYTES).digest("hex");
      expect(await lane?.thread.finish(id)).toEqual({ sha256 });
      for (const each of [old, ...entered]) each.leave();
    });
  });
});
