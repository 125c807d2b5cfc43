import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ByteSource, imageHash } from "@sifshelf/client";
import { openFileSource } from "@sifshelf/client/node";
import { memoryByteSource, readSif, type ByteSource as SifByteSource } from "@sifshelf/sif";
import { buildSif, writeSifFile } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-sources-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the byte sources of the client and of the SIF package", () => {
  it("have the same required members", () => {
    expectTypeOf<ByteSource>().toExtend<SifByteSource>();
    expectTypeOf<SifByteSource>().toExtend<ByteSource>();
  });

  it("serve the other package as well", async () => {
    const path = join(folder, "image.sif");
    await writeSifFile(path, { payloadBytes: 4096 });
    const source = await openFileSource(path);
    const { descriptors } = await readSif(source);
    await source.close();
    expect(descriptors.length).toBeGreaterThan(0);
    const bytes = buildSif({ payloadBytes: 4096 });
    const digest = createHash("sha256").update(bytes).digest("hex");
    expect(await imageHash(memoryByteSource(bytes))).toBe(`sha256.${digest}`);
  });
});
