import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openSinkHash } from "./sink-hash.js";

const BYTES = randomBytes(17 * 1024 * 1024 + 5);

let folder: string;
let file: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-hash-"));
  file = await open(join(folder, "file"), "wx+");
  await file.write(BYTES);
});
afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true, force: true });
});

describe("openSinkHash", () => {
  it("hashes what it is told of a file", async () => {
    const hash = await openSinkHash(file.fd, BYTES.byteLength);
    await hash?.update(0, 1024 * 1024 + 1);
    await hash?.update(1024 * 1024 + 1, BYTES.byteLength - 1024 * 1024 - 1);
    expect(await hash?.digestHex()).toBe(createHash("sha256").update(BYTES).digest("hex"));
    await hash?.close();
  });

  it("leaves small files to the caller", async () => {
    expect(await openSinkHash(file.fd, 1024)).toBeUndefined();
  });

  it("rejects when the file becomes shorter, and once it is closed", async () => {
    const hash = await openSinkHash(file.fd, BYTES.byteLength);
    await truncate(join(folder, "file"), 10);
    const read = hash?.update(0, 100);
    await expect(read).rejects.toMatchObject({ code: "file-not-readable" });
    await hash?.close();
    await expect(hash?.update(0, 5)).rejects.toMatchObject({ code: "file-not-readable" });
  });
});
