import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createTestContext, type TestContext } from "../../testing/test-context.js";

const DEFFILE = "Bootstrap: scratch\n";
const PARTITION = ["--datatype", "4", "--parttype", "1", "--partfs", "1", "--partarch", "2"];

let context: TestContext;
beforeEach(async () => {
  context = await createTestContext();
  await writeFile(join(context.cwd, "deffile"), DEFFILE);
});
afterEach(() => context.remove());

const sif = (...argv: string[]) => context.sifshelf("sif", ...argv);
const bytesOf = (name: string) => readFile(join(context.cwd, name));

/** Runs commands that must succeed. */
async function prepare(...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { exitCode, stderr } = await sif(...line.split(" "));
    expect([exitCode, stderr]).toEqual([0, ""]);
  }
}

describe("sif new", () => {
  it("makes an executable, empty image with a UUID of its own", async () => {
    const first = await sif("new", "--json", "a.sif");
    const second = await sif("new", "--json", "b.sif");
    expect(first.json).toMatchObject({
      ok: true,
      path: "a.sif",
      uuid: expect.stringMatching(/^\w{8}-/),
    });
    expect(first.json).not.toEqual({ ...Object(second.json), path: "a.sif" });
    expect((await stat(join(context.cwd, "a.sif"))).size).toBe(32_176);
    expect((await stat(join(context.cwd, "a.sif"))).mode & 0o100).toBe(0o100);
  });

  it("makes the same bytes from the same inputs when asked to", async () => {
    await prepare("new --deterministic a.sif", "new --deterministic b.sif");
    expect((await bytesOf("a.sif")).equals(await bytesOf("b.sif"))).toBe(true);
  });

  it("takes a launch script, a UUID and a capacity", async () => {
    const id = "6ecc76b7-a497-4f7f-9ebd-8da2a04c6be1";
    await sif("new", "--launch-script", "#!/bin/run", "--id", id, "--capacity", "3", "a.sif");
    const { json } = await sif("header", "--json", "a.sif");
    expect(json).toMatchObject({
      launchScript: "#!/bin/run\n",
      uuid: id,
      descriptorsFree: 3,
      descriptorsTotal: 3,
      arch: null,
    });
  });

  it("replaces a file only when forced", async () => {
    await writeFile(join(context.cwd, "a.sif"), "precious");
    const refused = await sif("new", "--json", "a.sif");
    expect([refused.exitCode, refused.json]).toEqual([
      8,
      expect.objectContaining({ code: "file-exists" }),
    ]);
    expect((await bytesOf("a.sif")).toString()).toBe("precious");
    expect(await sif("new", "--force", "a.sif")).toMatchObject({ exitCode: 0 });
    expect((await stat(join(context.cwd, "a.sif"))).size).toBe(32_176);
  });

  it.each([
    [["--capacity", "-1", "a.sif"], "usage", 2],
    [["--capacity", "70000", "a.sif"], "capacity-unsupported", 2],
    [["--id", "x", "a.sif"], "bad-id", 2],
    [["--launch-script", "x".repeat(31), "a.sif"], "launch-script-too-long", 2],
    [
      ["--deterministic", "--id", "6ecc76b7-a497-4f7f-9ebd-8da2a04c6be1", "a.sif"],
      "contradictory-options",
      2,
    ],
    [["missing/a.sif"], "file-not-found", 3],
    [["--force", "."], "output-not-a-file", 8],
  ])("leaves nothing behind after %j", async (argv, code, exitCode) => {
    const outcome = await sif("new", "--json", ...argv);
    expect([outcome.exitCode, outcome.json]).toEqual([exitCode, expect.objectContaining({ code })]);
    expect(await readdir(context.cwd)).toEqual(["deffile"]);
  });
});

describe("sif add", () => {
  beforeEach(() => prepare("new --deterministic a.sif"));

  it("adds an object as siftool does: in no group, without a name", async () => {
    const { json } = await sif("add", "--json", "a.sif", "deffile", "--datatype", "1");
    expect(json).toMatchObject({
      ok: true,
      path: "a.sif",
      object: { id: 1, type: "Def.FILE", group: null, link: null, name: "", sizeBytes: 19 },
    });
  });

  it("takes names and numbers", async () => {
    const named = "--datatype partition --parttype primsys --partfs squashfs --partarch amd64";
    await prepare(
      `add a.sif deffile ${named} --groupid 1`,
      `add a.sif deffile ${PARTITION.join(" ")}`,
    );
    const entity = "433FE984155206BD962725E20E8713472A879943";
    await prepare(
      `add a.sif deffile --datatype 5 --signhash sha384 --signentity ${entity} --link 1`,
      "add a.sif deffile --datatype sbom --sbomformat 8 --alignment 512 --filename bom",
    );
    const { json } = await sif("list", "--json", "a.sif");
    expect(json).toMatchObject({
      objects: [
        { group: 1, metadata: { fsType: 1, partType: 2, arch: "amd64" } },
        { group: null, metadata: { fsType: 1, partType: 1, arch: "amd64" } },
        {
          link: { kind: "object", id: 1 },
          metadata: { hashType: 2, fingerprint: entity.toLowerCase() },
        },
        { name: "bom", metadata: { kind: "sbom", formatName: "syft-json" } },
      ],
    });
  });

  it.each([
    [["deffile"], "usage", 2],
    [["deffile", "--datatype", "12"], "usage", 2],
    [["deffile", "--datatype", "partition"], "usage", 2],
    [["deffile", "--datatype", "1", "--partarch", "amd64"], "usage", 2],
    [["deffile", ...PARTITION.slice(0, -1), "vax"], "unknown-arch", 2],
    [["deffile", "--datatype", "5", "--signhash", "1", "--signentity", "zz"], "usage", 2],
    [["deffile", "--datatype", "1", "--groupid", "x"], "usage", 2],
    [["deffile", "--datatype", "1", "--alignment", "-1"], "usage", 2],
    [["deffile", "--datatype", "1", "--filename", "x".repeat(129)], "name-too-long", 2],
    [["missing", "--datatype", "1"], "file-not-found", 3],
    [[".", "--datatype", "1"], "source-not-a-file", 2],
  ])("leaves the file as it was after %j", async (argv, code, exitCode) => {
    const before = await bytesOf("a.sif");
    const outcome = await sif("add", "--json", "a.sif", ...argv);
    expect([outcome.exitCode, outcome.json]).toEqual([exitCode, expect.objectContaining({ code })]);
    expect(before.equals(await bytesOf("a.sif"))).toBe(true);
    expect(await readdir(context.cwd)).toEqual(["a.sif", "deffile"]);
  });

  it("refuses what does not fit", async () => {
    await prepare("new --capacity 1 b.sif", "add b.sif deffile --datatype 1");
    const { exitCode, json } = await sif("add", "--json", "b.sif", "deffile", "--datatype", "1");
    expect([exitCode, json]).toEqual([7, expect.objectContaining({ code: "capacity-exhausted" })]);
  });
});

describe("sif delete and sif setprim", () => {
  beforeEach(() =>
    prepare(
      "new --deterministic a.sif",
      "add a.sif deffile --datatype 1",
      `add a.sif deffile ${PARTITION.join(" ")}`,
    ),
  );

  it("delete an object and keep its data", async () => {
    const { json } = await sif("delete", "--json", "2", "a.sif");
    expect(json).toEqual({ ok: true, path: "a.sif", id: 2 });
    expect((await bytesOf("a.sif")).indexOf(DEFFILE, 32_768)).toBe(32_768);
  });

  it("delete an object with its data", async () => {
    await prepare("del --zero 1 a.sif", "del --compact 2 a.sif");
    expect((await bytesOf("a.sif")).includes(DEFFILE)).toBe(false);
    expect((await stat(join(context.cwd, "a.sif"))).size).toBe(32_176);
  });

  it("make a partition the primary one", async () => {
    const { json } = await sif("setprim", "--json", "2", "a.sif");
    expect(json).toEqual({ ok: true, path: "a.sif", id: 2, arch: "amd64" });
    expect((await sif("header", "a.sif")).stdout).toContain("Primary Architecture: amd64\n");
  });

  it.each([
    [["delete", "9", "a.sif"], "object-not-found", 3],
    [["delete", "x", "a.sif"], "usage", 2],
    [["delete", "1", "deffile"], "sif-too-short", 6],
    [["setprim", "1", "a.sif"], "not-a-partition", 8],
    [["setprim", "9", "a.sif"], "object-not-found", 3],
    [["setprim", "-1", "a.sif"], "usage", 2],
  ])("leave the file as it was after %j", async (argv, code, exitCode) => {
    const before = await bytesOf("a.sif");
    const outcome = await sif(...argv, "--json");
    expect([outcome.exitCode, outcome.json]).toEqual([exitCode, expect.objectContaining({ code })]);
    expect(before.equals(await bytesOf("a.sif"))).toBe(true);
    expect(await readdir(context.cwd)).toEqual(["a.sif", "deffile"]);
  });
});

describe("sif header, sif list and sif info", () => {
  beforeEach(() =>
    prepare(
      "new --deterministic a.sif",
      "add a.sif deffile --datatype 1 --groupid 1 --filename recipe",
      `add a.sif deffile ${PARTITION.join(" ")} --link 1`,
    ),
  );

  it("print as siftool does", async () => {
    expect((await sif("header", "a.sif")).stdout).toBe(
      `Version:            01
Descriptors Free:   46
Descriptors Total:  48
Descriptors Offset: 4096
Descriptors Size:   27 KiB
Data Offset:        32176
Data Size:          611 B
`,
    );
    expect((await sif("list", "a.sif")).stdout).toBe(
      `------------------------------------------------------------------------------
ID   |GROUP   |LINK    |SIF POSITION (start-end)  |TYPE
------------------------------------------------------------------------------
1    |1       |NONE    |32176-32195               |Def.FILE
2    |NONE    |1       |32768-32787               |FS (Squashfs/System/amd64)
`,
    );
    expect((await sif("info", "1", "a.sif")).stdout).toBe(
      `  Data Type:  Def.FILE
  ID:         1
  Group ID:   1
  Linked ID:  NONE
  Offset:     32176
  Size:       19
  Name:       recipe
`,
    );
  });

  it("print one object as JSON", async () => {
    const { json } = await sif("info", "2", "--json", "a.sif");
    expect(json).toEqual({
      ok: true,
      object: {
        id: 2,
        type: "FS",
        dataType: 0x4004,
        group: null,
        link: { kind: "object", id: 1 },
        offset: 32_768,
        sizeBytes: 19,
        name: "",
        createdAt: null,
        modifiedAt: null,
        metadata: {
          kind: "partition",
          fsType: 1,
          fsTypeName: "Squashfs",
          partType: 1,
          partTypeName: "System",
          arch: "amd64",
        },
      },
    });
  });

  it.each([
    [["info", "3", "a.sif"], "object-not-found", 3],
    [["info", "0", "a.sif"], "usage", 2],
    [["list", "missing.sif"], "file-not-found", 3],
    [["header", "./deffile"], "sif-too-short", 6],
  ])("end %j with %s", async (argv, code, exitCode) => {
    const outcome = await sif(...argv, "--json");
    expect([outcome.exitCode, outcome.json]).toEqual([exitCode, expect.objectContaining({ code })]);
  });
});

describe("sif dump", () => {
  beforeEach(async () => {
    await writeFile(join(context.cwd, "binary"), new Uint8Array([0, 0x1b, 0x5b, 255]));
    await writeFile(join(context.cwd, "odd"), "\u001b[2Jodd\ttext\n");
    await prepare(
      "new a.sif",
      "add a.sif deffile --datatype 1 --filename ../../escape",
      "add a.sif binary --datatype 7",
      "add a.sif odd --datatype 7",
    );
  });

  it("writes the exact bytes to standard output", async () => {
    const { exitCode, stdoutBytes } = await sif("dump", "2", "a.sif");
    expect(exitCode).toBe(0);
    expect([...stdoutBytes]).toEqual([0, 0x1b, 0x5b, 255]);
  });

  it("shows only text on a terminal, made printable", async () => {
    context.stdout.isTTY = true;
    expect((await sif("dump", "1", "a.sif")).stdout).toBe(DEFFILE);
    expect((await sif("dump", "3", "a.sif")).stdout).toBe("\\u{1b}[2Jodd\ttext\n");
    expect(await sif("dump", "2", "a.sif")).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("writes to the file that is named and to no other", async () => {
    const { json } = await sif("dump", "1", "-o", "out", "--json", "a.sif");
    expect(json).toEqual({ ok: true, path: "out", id: 1, sizeBytes: 19 });
    expect((await bytesOf("out")).toString()).toBe(DEFFILE);
    expect(await readdir(context.cwd)).toEqual(["a.sif", "binary", "deffile", "odd", "out"]);
  });

  it("replaces a file only when forced, and never writes through a link", async () => {
    await symlink(join(context.cwd, "deffile"), join(context.cwd, "link"));
    for (const name of ["binary", "link"]) {
      const { exitCode, json } = await sif("dump", "1", "-o", name, "--json", "a.sif");
      expect([exitCode, json]).toEqual([8, expect.objectContaining({ code: "file-exists" })]);
    }
    expect(await sif("dump", "2", "-f", "-o", "link", "a.sif")).toMatchObject({ exitCode: 0 });
    expect((await bytesOf("deffile")).toString()).toBe(DEFFILE);
    expect((await lstat(join(context.cwd, "link"))).isFile()).toBe(true);
  });

  it.each([
    [["9", "-o", "out", "a.sif"], "object-not-found", 3],
    [["1", "-o", "folder", "-f", "a.sif"], "output-not-a-file", 8],
    [["1", "-o", "", "a.sif"], "usage", 2],
    [["1", "a.sif"], "usage", 2],
    [["1", "-o", "missing/out", "a.sif"], "file-not-found", 3],
  ])("leaves nothing behind after %j", async (argv, code, exitCode) => {
    await mkdir(join(context.cwd, "folder"));
    const outcome = await sif("dump", "--json", ...argv);
    expect([outcome.exitCode, outcome.json]).toEqual([exitCode, expect.objectContaining({ code })]);
    expect(await readdir(context.cwd)).toEqual(["a.sif", "binary", "deffile", "folder", "odd"]);
  });
});
