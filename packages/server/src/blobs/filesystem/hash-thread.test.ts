import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startHashThread } from "./hash-thread.js";

const SHA256 = ["sha256"] as const;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-worker-"));
  path = join(folder, "file");
});
afterEach(() => rm(folder, { recursive: true }));

describe("startHashThread", () => {
  describe("when a range is read and the next is written", () => {
    it("returns the hash of both", async () => {
      const thread = startHashThread();
      const bytes = randomBytes(200_000);
      await writeFile(path, bytes.subarray(0, 1000));
      const file = await open(path, "r+");
      expect(await thread.update(1, { path, offset: 0, length: 1000, sums: SHA256 })).toBe(1000);
      const place = { fd: file.fd, position: 1000, sums: SHA256 };
      expect(await thread.write(1, place, [bytes.subarray(1000)])).toBe(199_000);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      expect(await thread.finish(1)).toEqual({ sha256 });
      await file.close();
      thread.close();
    });
  });

  describe("when it is closed", () => {
    it("rejects what waits and what comes, and is not alive any more", async () => {
      const thread = startHashThread();
      await writeFile(path, randomBytes(1000));
      const waiting = thread.update(1, { path, offset: 0, length: 1000, sums: SHA256 });
      thread.close();
      await expect(waiting).rejects.toBeInstanceOf(Error);
      expect(thread.isAlive()).toBe(false);
      await expect(thread.finish(1)).rejects.toBeInstanceOf(Error);
    });
  });
});
