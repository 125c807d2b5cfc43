import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { chooseImage } from "./choose-image.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "choose-image-"));
  await writeFile(join(folder, "image.sif"), "");
  await writeFile(join(folder, "alpine"), "");
  await writeFile(join(folder, "Odd Name"), "");
  await mkdir(join(folder, "folder.sif"));
  await mkdir(join(folder, "debian"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("chooseImage", () => {
  it.each(["image.sif", "./image.sif", "./alpine", "Odd Name", "../nothing/../image.sif"])(
    "takes %j for a file without a remark",
    async (text) => {
      const choice = await chooseImage(text.replace("../nothing/../", `${folder}/`), folder);
      expect(choice).toEqual({ kind: "file", path: expect.stringContaining(folder) });
    },
  );

  it.each(["library://alpine", "library://host:1/a/b/c:1", "library://image.sif"])(
    "takes %j for a ref without a remark",
    async (text) => {
      const choice = await chooseImage(text, folder);
      expect(choice).toEqual({ kind: "ref", ref: expect.anything() });
    },
  );

  it("prefers a file that could be a ref, and says so", async () => {
    const choice = await chooseImage("alpine", folder);
    expect(choice).toMatchObject({
      kind: "file",
      note: expect.stringContaining("library://alpine"),
    });
  });

  it.each(["busybox", "a/b/c:1.0", "debian"])("takes %j for a ref, and says so", async (text) => {
    const choice = await chooseImage(text, folder);
    expect(choice).toMatchObject({
      kind: "ref",
      note: expect.stringContaining(`library://${text}`),
    });
  });

  it.each([
    ["missing.sif", "file-not-found"],
    ["./missing", "file-not-found"],
    ["./image.sif/missing", "file-not-found"],
    ["No Ref", "file-not-found"],
    ["x".repeat(5_000), "file-not-found"],
    ["folder.sif", "not-a-file"],
    [".", "not-a-file"],
    ["busybox:1,2", "usage"],
    ["library://a/b/c/d/e/f", "ref-path-not-valid"],
  ])("rejects %j with %s", async (text, code) => {
    await expect(chooseImage(text, folder)).rejects.toMatchObject({ code });
  });
});
