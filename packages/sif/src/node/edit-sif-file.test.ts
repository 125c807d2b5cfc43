import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile, lstat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SifDataType } from "../format/data-type.js";
import { readSif } from "../format/read-sif.js";
import { createSif } from "../write/create-sif.js";
import { addObject } from "../write/edit-sif.js";
import { memorySifStore } from "../write/sif-store.js";
import { createSifFile, editSifFile } from "./edit-sif-file.js";
import { openFileByteSource } from "./file-byte-source.js";

const object = { dataType: SifDataType.generic, data: new Uint8Array([1, 2, 3]) };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edit-sif-"));
  path = join(folder, "image.sif");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("createSifFile", () => {
  it("writes the bytes that createSif writes into memory", async () => {
    const options = { deterministic: true, objects: [object] };
    await createSifFile(path, options);
    const store = memorySifStore();
    await createSif(store, options);
    expect(new Uint8Array(await readFile(path))).toEqual(store.bytes());
  });

  it("copies an object from another file", async () => {
    const source = join(folder, "data");
    const bytes = new Uint8Array(3_000_000).map((_, index) => index % 253);
    await writeFile(source, bytes);
    const data = await openFileByteSource(source);
    await createSifFile(path, { objects: [{ dataType: SifDataType.generic, data }] });
    await data.close();
    const written = await readFile(path);
    expect(written.subarray(-bytes.length).equals(bytes)).toBe(true);
  });

  it("leaves nothing behind when it fails", async () => {
    await expect(createSifFile(path, { capacity: -1 })).rejects.toMatchObject({
      code: "capacity-unsupported",
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("editSifFile", () => {
  beforeEach(() => createSifFile(path, { deterministic: true }));

  it("changes the file and returns what the edit returned", async () => {
    const image = await editSifFile(path, (store) => addObject(store, object));
    expect(image.descriptors).toHaveLength(1);
    const source = await openFileByteSource(path);
    expect((await readSif(source)).descriptors).toHaveLength(1);
    await source.close();
    expect(await readdir(folder)).toEqual(["image.sif"]);
  });

  it("leaves the file as it was when the edit fails half way", async () => {
    const before = await readFile(path);
    const failure = new Error("half way");
    const editing = editSifFile(path, async (store) => {
      await addObject(store, object);
      throw failure;
    });
    await expect(editing).rejects.toBe(failure);
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(folder)).toEqual(["image.sif"]);
  });

  it("keeps the permissions and follows a symbolic link", async () => {
    const link = join(folder, "link.sif");
    await symlink(path, link);
    const { mode } = await stat(path);
    await editSifFile(link, (store) => addObject(store, object));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await stat(path)).mode).toBe(mode);
  });
});

function hasSiftool(): boolean {
  try {
    execFileSync("siftool", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasSiftool())("createSifFile beside siftool (SKIPPED when it is absent)", () => {
  it("writes an image that siftool lists", async () => {
    await createSifFile(path, { objects: [object] });
    const list = execFileSync("siftool", ["list", path], { encoding: "utf8" });
    expect(list).toMatch(/\|1 +\|NONE +\|32176-32179 +\|Generic\/Raw/);
  });
});
