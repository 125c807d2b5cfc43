import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isByteSourceError } from "../bytes/byte-source.js";
import { toHex } from "../bytes/text.js";
import { type FileByteSource, openFileByteSource } from "./file-byte-source.js";
import { hashInThread } from "./hash-in-thread.js";

const MEBIBYTE = 2 ** 20;
const BYTES = Buffer.alloc(20 * MEBIBYTE + 77, "some bytes that are not all the same; ");
const LARGE = { offset: 5, size: BYTES.length - 5 };

const expected = (algorithm: string, { offset, size }: { offset: number; size: number }): string =>
  createHash(algorithm)
    .update(BYTES.subarray(offset, offset + size))
    .digest("hex");

describe("the digest of a file's range", () => {
  let folder: string;
  let path: string;
  let source: FileByteSource;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "file-digest-"));
    path = join(folder, "bytes");
    await writeFile(path, BYTES);
    source = await openFileByteSource(path);
  });
  afterAll(async () => {
    await source.close();
    await rm(folder, { recursive: true, force: true });
  });

  const digest = async (...task: Parameters<NonNullable<FileByteSource["digest"]>>) =>
    toHex((await source.digest?.(...task)) ?? new Uint8Array());

  it.each([
    { offset: 0, size: 0 },
    { offset: 7, size: 3 * MEBIBYTE },
    { offset: 1, size: 16 * MEBIBYTE },
    LARGE,
  ])("is right for $size bytes at $offset", async (range) => {
    expect(await digest("sha256", range)).toBe(expected("sha256", range));
    expect(await digest("sha512_256", range)).toBe(expected("sha512-256", range));
  });

  it("is right for more ranges at a time than there are threads", async () => {
    const hashing = Array.from({ length: 7 }, () => digest("sha256", LARGE));
    expect(new Set(await Promise.all(hashing))).toEqual(new Set([expected("sha256", LARGE)]));
  });

  it("is none of a range outside the file", async () => {
    const range = { offset: 1, size: BYTES.length };
    await expect(digest("sha256", range)).rejects.toMatchObject({ code: "source-range" });
  });

  it.each([3 * MEBIBYTE, 18 * MEBIBYTE])(
    "is none when a file of %i bytes has become shorter",
    async (size) => {
      const short = join(folder, "short");
      await writeFile(short, BYTES.subarray(0, size));
      const shortened = await openFileByteSource(short);
      await truncate(short, size - 5);
      const hashing = shortened.digest?.("sha256", { offset: 0, size });
      await expect(hashing).rejects.toSatisfy(isByteSourceError);
      await expect(hashing).rejects.toMatchObject({ code: "source-short-read" });
      await shortened.close();
    },
  );

  it("rejects with the reason of an abort, before and while it is computed", async () => {
    const reason = new Error("stopped");
    const aborted = { signal: AbortSignal.abort(reason) };
    await expect(digest("sha256", LARGE, aborted)).rejects.toBe(reason);
    const controller = new AbortController();
    const hashing = digest("sha256", LARGE, controller);
    controller.abort(reason);
    await expect(hashing).rejects.toBe(reason);
  });

  it("is waited for when the file is closed", async () => {
    const other = await openFileByteSource(path);
    const hashing = other.digest?.("sha256", LARGE);
    await other.close();
    expect(toHex((await hashing) ?? new Uint8Array())).toBe(expected("sha256", LARGE));
  });

  /** Digests {@link LARGE} in a process of its own, with the package that lies in `root`. */
  const digestInProcess = async (root: string, flags: readonly string[] = []): Promise<string> => {
    const module = pathToFileURL(join(root, "dist/node/index.js")).href;
    const program = `
      const { openFileByteSource } = await import(${JSON.stringify(module)});
      const source = await openFileByteSource(${JSON.stringify(path)});
      const digest = await source.digest("sha256", ${JSON.stringify(LARGE)});
      process.stdout.write(Buffer.from(digest).toString("hex"));
    `;
    const args = [...flags, "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return stdout;
  };
  const PACKAGE = join(import.meta.dirname, "../..");

  it("is computed in a thread", async () => {
    const handle = await open(path);
    try {
      const hashed = await hashInThread({ fd: handle.fd, ...LARGE }, "sha256");
      expect(hashed?.done).toBe(LARGE.size);
      expect(toHex(hashed?.digest ?? new Uint8Array())).toBe(expected("sha256", LARGE));
    } finally {
      await handle.close();
    }
  });

  it("is computed in a thread despite flags that a thread does not take", async () => {
    expect(await digestInProcess(PACKAGE)).toBe(expected("sha256", LARGE));
  });

  it("is computed without a thread where Node gives none", async () => {
    const [major = 0] = process.versions.node.split(".").map(Number);
    const permission = major < 24 ? "--experimental-permission" : "--permission";
    const flags = [permission, "--allow-fs-read=*"];
    expect(await digestInProcess(PACKAGE, flags)).toBe(expected("sha256", LARGE));
  });

  it("is computed without a thread where the thread's program is missing", async () => {
    const root = join(folder, "bundled");
    await cp(join(PACKAGE, "dist"), join(root, "dist"), { recursive: true });
    await cp(join(PACKAGE, "package.json"), join(root, "package.json"));
    await rm(join(root, "dist/node/sif-hash.worker.js"));
    expect(await digestInProcess(root)).toBe(expected("sha256", LARGE));
  });
});
