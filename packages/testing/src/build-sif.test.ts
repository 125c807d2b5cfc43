import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryByteSource, readSif, sifFacts } from "@sifshelf/sif";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildSif, TEST_FINGERPRINT, writeSifFile } from "./build-sif.js";

const factsOf = async (bytes: Uint8Array) => sifFacts(await readSif(memoryByteSource(bytes)));

describe("buildSif", () => {
  it("returns an image that reads back as asked for", async () => {
    const image = await readSif(
      memoryByteSource(
        buildSif({
          arch: "arm64",
          uuid: "0f0e0d0c-0b0a-4908-8706-050403020100",
          signed: true,
          encrypted: true,
        }),
      ),
    );
    expect(image.warnings).toEqual([]);
    expect(sifFacts(image)).toMatchObject({
      arch: "arm64",
      primaryArch: "arm64",
      uuid: "0f0e0d0c-0b0a-4908-8706-050403020100",
      encrypted: true,
      signed: true,
      fingerprints: [TEST_FINGERPRINT],
      types: ["Def.FILE", "JSON.Generic", "FS", "Signature"],
      groups: [1],
      primary: 3,
      launchScript: "#!/usr/bin/env run-singularity\n",
    });
  });

  it("returns the same bytes for the same seed and others for another", () => {
    expect(buildSif({ seed: 7 })).toEqual(buildSif({ seed: 7 }));
    expect(buildSif({ seed: 7 })).not.toEqual(buildSif({ seed: 8 }));
  });

  it("returns exactly the objects that are given", async () => {
    const data = Buffer.from("{}");
    const bytes = buildSif({ objects: [{ dataType: 0x4006, data, group: 4 }], capacity: 1 });
    expect(await factsOf(bytes)).toMatchObject({ types: ["JSON.Generic"], groups: [4] });
  });
});

describe("writeSifFile", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "build-sif-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each([0, 1, 5_000, 3 * 1024 * 1024 + 2])(
    "writes what buildSif returns for a payload of %i bytes",
    async (payloadBytes) => {
      const path = join(folder, "image.sif");
      const options = { payloadBytes, seed: 3, signed: true } as const;
      const { size, sha256 } = await writeSifFile(path, options);
      const bytes = await readFile(path);
      expect(bytes.equals(buildSif(options))).toBe(true);
      expect(size).toBe(bytes.length);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});
