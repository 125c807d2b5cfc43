import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { makeFolders } from "./private-file.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-folders-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("makeFolders", () => {
  it("makes what is missing, for its owner alone, and leaves the rest", async () => {
    const path = join(folder, "a", "b", "c");
    await Promise.all([makeFolders(path), makeFolders(path)]);
    await makeFolders(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it("rejects where a file is in the way", async () => {
    await writeFile(join(folder, "a"), "");
    await expect(makeFolders(join(folder, "a", "b"))).rejects.toMatchObject({ code: "EEXIST" });
  });

  const PROC = existsSync("/proc/self");
  it.skipIf(!PROC)(
    `rejects where no folder can be made${PROC ? "" : " (SKIPPED: no /proc)"}`,
    async () => {
      await expect(makeFolders("/proc/sifshelf/config")).rejects.toMatchObject({ code: "ENOENT" });
    },
  );
});
