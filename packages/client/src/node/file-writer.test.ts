import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type FileWriter, createFileWriter } from "./file-writer.js";

let folder: string;
let path: string;
let file: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-writer-"));
  path = join(folder, "file");
  file = await open(path, "wx+");
});
afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true, force: true });
});

async function readyWriter(fd: number): Promise<FileWriter> {
  const writer = createFileWriter(fd) ?? expect.fail("no thread");
  await vi.waitFor(() => expect(writer.isReady()).toBe(true), 10_000);
  return writer;
}

function sharedBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  bytes.set(randomBytes(length));
  return bytes;
}

describe("createFileWriter", () => {
  it("writes all of what it is given, where it belongs", async () => {
    const writer = await readyWriter(file.fd);
    const bytes = sharedBytes(1_000_003);
    const [front, rest] = [bytes.subarray(0, 200_001), bytes.subarray(200_001)];
    await Promise.all([writer.write(200_001, rest), writer.write(0, front)]);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    await writer.close();
  });

  it("has written what it resolved, so that the memory may be used again", async () => {
    const writer = await readyWriter(file.fd);
    const bytes = sharedBytes(256 * 1024);
    const first = Buffer.from(bytes);
    await writer.write(0, bytes);
    bytes.fill(0);
    await writer.write(bytes.length, bytes);
    expect(Buffer.compare(await readFile(path), Buffer.concat([first, bytes]))).toBe(0);
    await writer.close();
  });

  it.skipIf(!existsSync("/dev/full"))("rejects with the system's error and continues", async () => {
    const full = await open("/dev/full", "w");
    const writer = await readyWriter(full.fd);
    for (const offset of [0, 5]) {
      const written = writer.write(offset, sharedBytes(10));
      await expect(written).rejects.toMatchObject({ code: "ENOSPC" });
    }
    await writer.close();
    await full.close();
  });

  it("settles everything and is not ready any more once it is closed", async () => {
    const writer = await readyWriter(file.fd);
    const writes = Array.from({ length: 50 }, (_, index) =>
      writer.write(index * 1_000_000, sharedBytes(1_000_000)),
    );
    const settled = Promise.allSettled(writes);
    await writer.close();
    const ends = await settled;
    expect(writer.isReady()).toBe(false);
    const written = ends.filter(({ status }) => status === "fulfilled").length;
    expect((await file.stat()).size).toBeGreaterThanOrEqual(written * 1_000_000);
  });

  it("can be closed before it is ready", async () => {
    const writer = createFileWriter(file.fd) ?? expect.fail("no thread");
    await writer.close();
    expect(writer.isReady()).toBe(false);
  });
});
