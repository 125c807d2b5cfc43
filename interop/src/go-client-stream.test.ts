import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  GO_SKIPPED,
  GO_VERSIONS,
  type GoDriver,
  HAS_GO,
  buildGoDriver,
  succeeded,
} from "./go-driver.js";
import { type ImageFile, writeImageFile } from "./image-file.js";
import { type RunningLibrary, startLibrary } from "./running-library.js";
import { sha256OfFile } from "./sha256-of-file.js";

describe.skipIf(!HAS_GO)(`a library that streams downloads${GO_SKIPPED}`, () => {
  let folder: string;
  let library: RunningLibrary;
  let image: ImageFile;
  let token: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sifshelf-go-stream-"));
    library = await startLibrary(["--downloads", "stream"]);
    token = await library.addUser("alice");
    image = await writeImageFile(folder, "image.sif", { payloadBytes: 3_000_000 });
  });

  afterAll(async () => {
    await library?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(GO_VERSIONS)("Go client $version", ({ version, hasConcurrentPull }) => {
    let go: GoDriver;
    const path = `alice/streamed/v${version}`;

    beforeAll(async () => {
      go = (await buildGoDriver(version, folder))(library.url);
      succeeded(await go(token, "push", image.path, path, "amd64", "latest", ""));
    });

    it("gets the bytes in one reply", async () => {
      const out = join(folder, "single.sif");
      const pulled = succeeded(await go("", "pull-single", path, "latest", "amd64", out));
      expect(pulled.requests.at(-1)).toMatchObject({
        path: `/v1/imagefile/${path}:latest`,
        status: 200,
      });
      expect(await sha256OfFile(out)).toBe(image.sha256);
    });

    it.runIf(hasConcurrentPull)("gets them in one reply where it would use parts", async () => {
      const out = join(folder, "concurrent.sif");
      const args = [path, "latest", "amd64", out, "4", "100000"];
      const pulled = succeeded(await go("", "pull-concurrent", ...args));
      expect(pulled.requests.filter(({ range }) => range !== undefined)).toEqual([]);
      expect(await sha256OfFile(out)).toBe(image.sha256);
    });
  });
});
