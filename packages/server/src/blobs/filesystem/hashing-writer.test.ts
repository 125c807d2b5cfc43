import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { SumName } from "../byte-sink.js";
import { createHashLanes } from "./hash-lanes.js";
import { createHashingWriter } from "./hashing-writer.js";

const MIB = 1 << 20;
const lanes = createHashLanes(0);

let folder: string;
let path: string;
let handles: FileHandle[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-writer-"));
  path = join(folder, "file");
  handles = [];
});
afterEach(async () => {
  for (const handle of handles) await handle.close();
  await rm(folder, { recursive: true });
});

const hex = (algorithm: SumName, bytes: Uint8Array) =>
  algorithm === "crc32"
    ? crc32(bytes).toString(16).padStart(8, "0")
    : createHash(algorithm).update(bytes).digest("hex");

const opened = async (file: string, flags: string | number = "w+") => {
  const handle = await open(file, flags);
  handles.push(handle);
  return handle;
};

const writerTo = async (
  file: string,
  { offset = 0, sums = ["sha256"] as readonly SumName[], flags = "w+" as string | number } = {},
) => createHashingWriter({ handle: await opened(file, flags), path: file, offset, sums }, lanes);

/** Memory of its own, which a writer may take. */
const copyOf = (bytes: Uint8Array) => Buffer.from(new Uint8Array(bytes).buffer);

describe("createHashingWriter", () => {
  describe.each([0, 10, MIB - 1, MIB, MIB + 1, 20 * MIB + 3])(
    "when %i bytes are written",
    (size) => {
      it.each<[readonly SumName[], number]>([
        [["sha256"], 3 * MIB],
        [["sha256", "md5"], 3 * MIB],
        [["crc32"], 3 * MIB],
        [["md5", "crc32"], 300_000],
      ])("has them in the file and returns their %j, by %i", async (sums, step) => {
        const bytes = randomBytes(size);
        const writer = await writerTo(path, { offset: 7, sums });
        for (let at = 0; at < size; at += step) {
          const chunk = bytes.subarray(at, at + step);
          await writer.write([
            copyOf(chunk.subarray(0, 1)),
            chunk.subarray(1, 9),
            copyOf(chunk.subarray(9)),
          ]);
        }
        expect(await writer.finish()).toEqual(
          Object.fromEntries(sums.map((name) => [name, hex(name, bytes)])),
        );
        await writer.stop();
        const file = await readFile(path);
        expect(file.length).toBe(size === 0 ? 0 : size + 7);
        expect(Buffer.compare(file.subarray(7), bytes)).toBe(0);
      });
    },
  );

  describe("when a chunk shares its memory with others", () => {
    it("leaves that memory alone, and takes what is a chunk's own", async () => {
      const shared = randomBytes(4 * MIB);
      const own = copyOf(randomBytes(MIB));
      const writer = await writerTo(path);
      await writer.write([shared.subarray(0, 2 * MIB), own]);
      expect([shared.length, own.length]).toEqual([4 * MIB, 0]);
      await writer.stop();
    });
  });

  describe("when much is written to several files at once", () => {
    it("keeps them apart", async () => {
      const found = await Promise.all(
        Array.from({ length: 6 }, async (_, index) => {
          const bytes = randomBytes(4 * MIB + index);
          const writer = await writerTo(join(folder, String(index)));
          for (let at = 0; at < bytes.length; at += MIB) {
            await writer.write([bytes.subarray(at, at + MIB)]);
          }
          const { sha256 } = await writer.finish();
          await writer.stop();
          return sha256 === hex("sha256", bytes);
        }),
      );
      expect(found).toEqual(Array(6).fill(true));
    });
  });

  describe("when the system does not take what is written", () => {
    it.skipIf(process.platform !== "linux").each([10, 2 * MIB])(
      "rejects with its code, %i bytes on a full disk",
      async (size) => {
        const writer = await writerTo("/dev/full", { flags: "w" });
        await expect(writer.write([randomBytes(size)])).rejects.toMatchObject({ code: "ENOSPC" });
        await writer.stop();
      },
    );

    it.each([10, 2 * MIB])(
      "rejects with its code, %i bytes to a file open for reading",
      async (size) => {
        const writer = await writerTo(path, { flags: constants.O_RDONLY | constants.O_CREAT });
        await expect(writer.write([randomBytes(size)])).rejects.toMatchObject({ code: "EBADF" });
        await writer.stop();
      },
    );

    it("writes for others as before", async () => {
      const failing = await writerTo(path, { flags: constants.O_RDONLY | constants.O_CREAT });
      const other = await writerTo(join(folder, "other"));
      const bytes = randomBytes(2 * MIB);
      await Promise.allSettled([
        failing.write([randomBytes(2 * MIB)]),
        other.write([copyOf(bytes)]),
      ]);
      expect((await other.finish()).sha256).toBe(hex("sha256", bytes));
      await Promise.all([failing.stop(), other.stop()]);
    });
  });

  describe("when it is stopped in the middle of a write", () => {
    it("resolves once that is done, so that the file may be closed", async () => {
      const bytes = randomBytes(16 * MIB);
      const writer = await writerTo(path);
      const events: string[] = [];
      const writing = writer.write([copyOf(bytes)]).then(() => events.push("written"));
      await writer.stop().then(() => events.push("stopped"));
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
      await writing;
      expect(events.toSorted()).toEqual(["stopped", "written"]);
    });

    it("lets the lane go, more than once without harm", async () => {
      const bytes = randomBytes(2 * MIB);
      const writer = await writerTo(path);
      await writer.write([copyOf(bytes)]);
      await writer.stop();
      await writer.stop();
      const next = await writerTo(path);
      await next.write([copyOf(bytes)]);
      expect((await next.finish()).sha256).toBe(hex("sha256", bytes));
      await next.stop();
    });
  });
});
