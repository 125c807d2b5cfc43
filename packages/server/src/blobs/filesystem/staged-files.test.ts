import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createFlusher } from "./flusher.js";
import { createHashLanes } from "./hash-lanes.js";
import { openStagedAttempt, openStagedPart } from "./staged-files.js";

const TOOLS = { lanes: createHashLanes(0), flusher: createFlusher() };
const closed = { code: "upload-closed" };

let folder: string;
let stagedPath: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-staged-"));
  stagedPath = join(folder, "whole");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openAttempt = (name = "attempt-1") =>
  openStagedAttempt({ path: join(folder, name), stagedPath, sums: ["sha256"], ...TOOLS });

describe("openStagedPart", () => {
  it("writes parts where they belong, in any order and at once, and sums them", async () => {
    const bytes = randomBytes(250_000);
    await Promise.all(
      [200_000, 0, 100_000].map(async (offset) => {
        const sums = ["sha256", "crc32"] as const;
        const part = await openStagedPart({ path: stagedPath, offset, sums, ...TOOLS });
        const end = Math.min(offset + 100_000, bytes.length);
        for (let at = offset; at < end; at += 30_000) {
          const stop = Math.min(at + 30_000, end);
          await part.write([bytes.subarray(at, at + 1), bytes.subarray(at + 1, stop)]);
        }
        await part.sync();
        const written = bytes.subarray(offset, end);
        expect(await part.sums()).toEqual({
          sha256: createHash("sha256").update(written).digest("hex"),
          crc32: crc32(written).toString(16).padStart(8, "0"),
        });
        await part.close();
      }),
    );
    expect(Buffer.compare(await readFile(stagedPath), bytes)).toBe(0);
  });

  it("rejects with upload-closed when its folder is gone", async () => {
    const place = { path: stagedPath, offset: 0, sums: ["sha256"] as const, ...TOOLS };
    const part = await openStagedPart(place);
    await rm(folder, { recursive: true });
    await part.write([randomBytes(10)]);
    await expect(part.sync()).rejects.toMatchObject(closed);
    await part.close();
  });
});

describe("openStagedAttempt", () => {
  it("replaces the staged file when it is kept, and not before", async () => {
    await writeFile(stagedPath, "before");
    const failed = await openAttempt("attempt-2");
    await failed.write([randomBytes(10)]);
    await failed.discard();
    const attempt = await openAttempt();
    const bytes = randomBytes(1000);
    await attempt.write([Uint8Array.from(bytes)]);
    expect(await readFile(stagedPath, "utf8")).toBe("before");
    await attempt.keepAsWhole();
    await attempt.discard();
    expect(await readFile(stagedPath)).toEqual(bytes);
    expect(await readdir(folder)).toEqual(["whole"]);
  });

  it("copies its bytes over a part of the staged file", async () => {
    const whole = randomBytes(3000);
    await writeFile(stagedPath, whole);
    const attempt = await openAttempt();
    const part = randomBytes(1000);
    await attempt.write([Uint8Array.from(part)]);
    await attempt.copyToPart(1000);
    await attempt.discard();
    whole.set(part, 1000);
    expect(await readFile(stagedPath)).toEqual(whole);
    expect(await readdir(folder)).toEqual(["whole"]);
  });

  it("rejects with internal, and leaves nothing, when it cannot take the staged file's place", async () => {
    await mkdir(stagedPath);
    const attempt = await openAttempt();
    await attempt.write([randomBytes(10)]);
    await expect(attempt.keepAsWhole()).rejects.toMatchObject({ code: "internal" });
    await attempt.discard();
    expect(await readdir(folder)).toEqual(["whole"]);
  });

  it("rejects with upload-closed when its folder is gone", async () => {
    const attempt = await openAttempt();
    await rm(folder, { recursive: true });
    await attempt.write([randomBytes(10)]);
    await expect(attempt.keepAsWhole()).rejects.toMatchObject(closed);
    await expect(attempt.copyToPart(0)).rejects.toMatchObject(closed);
    await attempt.discard();
  });
});
