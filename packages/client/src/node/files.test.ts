import { createHash } from "node:crypto";
import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bytesReply, scriptLibrary } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { LibraryClient } from "../index.js";
import { createFileSink, imageHashOfFile, openFileSource, pullToFile } from "./index.js";

const IMAGE = new Uint8Array(3_000_000).map((_, index) => index * 11);
const HASH = `sha256.${createHash("sha256").update(IMAGE).digest("hex")}`;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-client-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("openFileSource", () => {
  describe("when the path is a file", () => {
    it("reads any range of it", async () => {
      const path = join(folder, "image.sif");
      await writeFile(path, IMAGE);
      const source = await openFileSource(path);
      expect(source.size).toBe(IMAGE.byteLength);
      expect(await source.read(5, 7)).toEqual(IMAGE.slice(5, 12));
      expect(await source.read(IMAGE.byteLength, 0)).toHaveLength(0);
      await source.assertUnchanged();
      await source.close();
    });

    it("rejects with source-changed once it is written to or truncated", async () => {
      const path = join(folder, "image.sif");
      await writeFile(path, IMAGE);
      const source = await openFileSource(path);
      await appendFile(path, "more");
      await expect(source.assertUnchanged()).rejects.toMatchObject({ code: "source-changed" });
      await writeFile(path, "short");
      await expect(source.read(100, 10)).rejects.toMatchObject({ code: "source-changed" });
      await source.close();
    });
  });

  describe("when the path is no file that can be read", () => {
    it.each(["missing.sif", "."])("rejects %s", async (name) => {
      const opened = openFileSource(join(folder, name));
      await expect(opened).rejects.toMatchObject({ code: "file-not-readable" });
    });
  });
});

describe("imageHashOfFile", () => {
  describe("when there is a file", () => {
    it("returns its hash", async () => {
      const path = join(folder, "image.sif");
      await writeFile(path, IMAGE);
      expect(await imageHashOfFile(path)).toBe(HASH);
    });
  });
});

describe("createFileSink", () => {
  describe("when the path is free", () => {
    it("writes at any offset and reads back", async () => {
      const path = join(folder, "image.part");
      const sink = await createFileSink(path);
      await sink.write(3, new Uint8Array([4, 5]));
      await sink.write(0, new Uint8Array([1, 2, 3]));
      expect(await sink.read(1, 4)).toEqual(new Uint8Array([2, 3, 4, 5]));
      await expect(sink.read(4, 5)).rejects.toMatchObject({ code: "file-not-readable" });
      await sink.sync();
      await sink.close();
      expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array([1, 2, 3, 4, 5]));
    });
  });

  describe("when the path is taken or has no folder", () => {
    it("rejects, also for a link to nothing", async () => {
      await writeFile(join(folder, "taken"), "");
      await symlink(join(folder, "nothing"), join(folder, "link"));
      for (const name of ["taken", "link"]) {
        const created = createFileSink(join(folder, name));
        await expect(created).rejects.toMatchObject({ code: "file-exists" });
      }
      const created = createFileSink(join(folder, "no", "folder"));
      await expect(created).rejects.toMatchObject({ code: "file-not-writable" });
    });
  });
});

describe("pullToFile", () => {
  function setUp(redirects = true) {
    const library = scriptLibrary({ redirects });
    library.addImage(IMAGE);
    const client = new LibraryClient({ baseUrl: library.baseUrl, fetch: library.fetch });
    const path = join(folder, "n_latest.sif");
    const pull = (options: object = {}) =>
      pullToFile(client, { ref: "library://e/c/n", path }, { partSizeBytes: 500_000, ...options });
    return { library, pull, path };
  }

  describe("when the file is not there", () => {
    it.each([true, false])(
      "writes it whole, verified and executable, redirected: %s",
      async (redirects) => {
        const { pull, path } = setUp(redirects);
        expect(await pull()).toMatchObject({
          path,
          transferred: true,
          sizeBytes: IMAGE.byteLength,
          image: { hash: HASH },
        });
        expect(
          createHash("sha256")
            .update(await readFile(path))
            .digest("hex"),
        ).toBe(HASH.slice(7));
        expect((await stat(path)).mode & 0o100).toBe(0o100);
        expect(await readdir(folder)).toEqual(["n_latest.sif"]);
      },
    );
  });

  describe("when the file is there and right", () => {
    it("transfers nothing", async () => {
      const { library, pull, path } = setUp();
      await writeFile(path, IMAGE);
      expect(await pull()).toMatchObject({ transferred: false, image: { hash: HASH } });
      expect(library.calls()).toEqual(["GET /v1/images/e/c/n:latest"]);
    });
  });

  describe("when something else is there", () => {
    it("rejects with file-exists and leaves it, or replaces it if told so", async () => {
      const { pull, path } = setUp();
      const other = IMAGE.slice().fill(1);
      await writeFile(path, other);
      await expect(pull()).rejects.toMatchObject({ code: "file-exists" });
      expect((await readFile(path)).equals(other)).toBe(true);
      expect(await pull({ force: true })).toMatchObject({ transferred: true });
      expect(await imageHashOfFile(path)).toBe(HASH);
      expect(await readdir(folder)).toEqual(["n_latest.sif"]);
    });

    it("rejects a folder and a device before any transfer, whatever it is told", async () => {
      const { library } = setUp();
      const client = new LibraryClient({ baseUrl: library.baseUrl, fetch: library.fetch });
      const pipe = join(folder, "pipe");
      const listener = createServer().listen(pipe);
      await once(listener, "listening");
      for (const path of [folder, pipe]) {
        const pulled = pullToFile(client, { ref: "e/c/n", path }, { force: true });
        await expect(pulled).rejects.toMatchObject({ code: "file-not-writable" });
      }
      expect(library.requests).toEqual([]);
      listener.close();
    });

    it("rejects when it appears during the transfer", async () => {
      const { library, pull, path } = setUp();
      library.on(/blobs/, async () => {
        await writeFile(path, "other");
        return undefined;
      });
      await expect(pull()).rejects.toMatchObject({ code: "file-exists" });
      expect(await readFile(path, "utf8")).toBe("other");
      expect(await readdir(folder)).toEqual(["n_latest.sif"]);
    });

    it("does not write through a link, even when told to replace", async () => {
      const { pull, path } = setUp();
      const target = join(folder, "target");
      await writeFile(target, "precious");
      await symlink(target, path);
      await expect(pull()).rejects.toMatchObject({ code: "file-exists" });
      await pull({ force: true });
      expect(await readFile(target, "utf8")).toBe("precious");
      expect(await imageHashOfFile(path)).toBe(HASH);
    });
  });

  describe("when the transfer fails or is aborted", () => {
    it("leaves nothing behind", async () => {
      const { library, pull } = setUp();
      library.on(/blobs/, () => bytesReply(IMAGE.slice().fill(0, 5, 6)));
      await expect(pull()).rejects.toMatchObject({ code: "integrity" });
      expect(await readdir(folder)).toEqual([]);
      const controller = new AbortController();
      const reason = new Error("stop");
      library.on(/blobs/, () => {
        controller.abort(reason);
        return undefined;
      });
      await expect(pull({ signal: controller.signal })).rejects.toBe(reason);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
