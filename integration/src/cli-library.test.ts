import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { writeSifFile, type WrittenSif } from "@sifshelf/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;
const REF = "alice/images/tool:1.0";
const HIDDEN = "alice/images/hidden-tool:1";

let library: TestLibrary;
let token: string;
let author: CliUser;
let user: CliUser;
let small: WrittenSif;

beforeAll(async () => {
  library = await startTestLibrary();
  token = await (await library.addUser("alice")).createToken("write");
  author = await createCliUser();
  Object.assign(author.env, { SIFSHELF_LIBRARY: library.url, SIFSHELF_TOKEN: token });
  small = await writeSifFile(join(author.folder, "small.sif"), { seed: 11, signed: true });
  await push("small.sif", `library://${REF},latest`);
  await push("--private", "small.sif", HIDDEN);
});
afterAll(async () => {
  await author.remove();
  await library.close();
});
async function push(...args: string[]): Promise<void> {
  const { exit, stderr } = await author.run(["push", ...args]);
  if (exit !== 0) throw new Error(`push ${args.join(" ")} ended with ${exit}: ${stderr}`);
}

beforeEach(async () => {
  user = await createCliUser();
  user.env["SIFSHELF_LIBRARY"] = library.url;
});
afterEach(() => user.remove());

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("sifshelf push", () => {
  it("sends bytes once, and sets tags for the arch of the file", async () => {
    const file = await writeSifFile(join(author.folder, "arm.sif"), { seed: 12, arch: "arm64" });
    const first = await author.run([
      "push",
      "--json",
      "arm.sif",
      "alice/images/arm:a,b",
      "-D",
      "text",
    ]);
    expect(first.exit).toBe(0);
    expect(first.json).toMatchObject({
      ok: true,
      ref: "alice/images/arm:a,b",
      library: library.url,
      hash: `sha256.${file.sha256}`,
      arch: "arm64",
      sizeBytes: file.size,
      sent: true,
      tags: ["a", "b"],
      quota: { totalBytes: 0 },
    });
    const again = await author.run(["push", "--json", "arm.sif", "alice/images/arm:c"]);
    expect(again.json).toMatchObject({ ok: true, sent: false, tags: ["c"] });
    const shown = await user.run(["show", "--json", "--arch", "arm64", "alice/images/arm:c"]);
    expect(shown.json).toMatchObject({
      image: { description: "text", arch: "arm64", tags: ["a", "b", "c"] },
    });
  });

  it("sends a file of more than 64 MiB in parts, and gets the same bytes back", async () => {
    const file = await writeSifFile(join(author.folder, "large.sif"), {
      seed: 13,
      payloadBytes: 65 * MIB,
    });
    expect((await author.run(["push", "-q", "large.sif", "alice/images/large"])).exit).toBe(0);
    const pulled = await user.run([
      "pull",
      "--arch",
      "amd64",
      "-o",
      "back.sif",
      "alice/images/large",
    ]);
    expect(pulled.exit).toBe(0);
    expect(sha256(await readFile(join(user.folder, "back.sif")))).toBe(file.sha256);
  });

  it("hides a private container without a token", async () => {
    expect((await user.run(["pull", "--arch", "amd64", HIDDEN])).exit).toBe(3);
    expect((await author.run(["pull", "--arch", "amd64", HIDDEN])).exit).toBe(0);
  });

  it.each([
    ["anonymous", undefined],
    ["with a bad token", "no-such-token"],
  ])("is refused %s with exit code 4", async (_, bad) => {
    if (bad !== undefined) user.env["SIFSHELF_TOKEN"] = bad;
    await writeSifFile(join(user.folder, "x.sif"), { seed: 14 });
    const { exit, json } = await user.run(["push", "--json", "x.sif", "alice/images/x"]);
    expect([exit, json.ok]).toEqual([4, false]);
  });

  it("is refused with exit code 4 below another user's entity", async () => {
    user.env["SIFSHELF_TOKEN"] = await (await library.addUser("mallory")).createToken("write");
    await writeSifFile(join(user.folder, "x.sif"), { seed: 15 });
    expect((await user.run(["push", "x.sif", "alice/images/x"])).exit).toBe(4);
  });

  it("is refused with exit code 6 when the file is not a SIF image", async () => {
    await writeFile(join(author.folder, "text.sif"), "no image ".repeat(100));
    const { exit, json } = await author.run([
      "push",
      "--json",
      "--arch",
      "amd64",
      "text.sif",
      "alice/images/t",
    ]);
    expect([exit, json.error.code]).toEqual([6, "not-a-sif"]);
  });
});

describe("sifshelf pull", () => {
  const path = () => join(user.folder, "tool_1.0.sif");
  const pull = (...args: string[]) => user.run(["pull", "--json", "--arch", "amd64", ...args]);

  it("writes an executable file, and fetches nothing if it exists", async () => {
    const first = await pull(REF);
    expect(first.json).toMatchObject({ ok: true, path: path(), transferred: true });
    expect(sha256(await readFile(path()))).toBe(small.sha256);
    expect((await stat(path())).mode & 0o700).toBe(0o700);
    const again = await pull(REF);
    expect([again.exit, again.json.transferred]).toEqual([0, false]);
    expect(await readdir(user.folder)).toEqual(["tool_1.0.sif"]);
  });

  it("pulls by hash", async () => {
    const { json } = await pull(`library://alice/images/tool:sha256.${small.sha256}`);
    expect(json.path).toBe(join(user.folder, `tool_sha256.${small.sha256}.sif`));
  });

  it("pulls from the host in the ref, without the token of the environment", async () => {
    user.env["SIFSHELF_LIBRARY"] = "https://default.invalid";
    user.env["SIFSHELF_TOKEN"] = token;
    const host = new URL(library.url).host;
    const { exit, stderr } = await pull("--no-https", `library://${host}/${REF}`);
    expect(exit).toBe(0);
    expect(stderr).toContain("SIFSHELF_TOKEN is not sent");
  });

  it("writes to standard output only verified bytes", async () => {
    const { exit, stdout, stderr } = await user.run([
      "pull",
      "--arch",
      "amd64",
      "-q",
      "-o",
      "-",
      REF,
    ]);
    expect([exit, sha256(stdout), stderr]).toEqual([0, small.sha256, ""]);
    expect(await readdir(user.folder)).toEqual([]);
  });

  it("ends quietly when the reader of standard output leaves", async () => {
    // More than the pipe and the buffers of both processes hold.
    await writeSifFile(join(author.folder, "medium.sif"), { seed: 17, payloadBytes: 16 * MIB });
    await push("medium.sif", "alice/images/medium");
    const child = user.start(["pull", "--arch", "amd64", "-q", "-o", "-", "alice/images/medium"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { exit, stderr } = await finish(child);
    expect([exit, stderr]).toEqual([1, ""]);
  });

  it("refuses to replace another file, unless forced", async () => {
    await writeFile(path(), "mine");
    const refused = await pull(REF);
    expect([refused.exit, refused.json.error.code]).toEqual([8, "file-exists"]);
    expect(await readFile(path(), "utf8")).toBe("mine");
    expect((await pull("--force", REF)).exit).toBe(0);
    expect(sha256(await readFile(path()))).toBe(small.sha256);
  });

  it("never writes through a link", async () => {
    const victim = join(user.folder, "victim");
    await writeFile(victim, "mine");
    await symlink(victim, path());
    expect((await pull(REF)).exit).toBe(8);
    expect((await pull("--force", REF)).exit).toBe(0);
    expect((await lstat(path())).isFile()).toBe(true);
    expect(await readFile(victim, "utf8")).toBe("mine");
  });

  it("treats a dangling link as an existing file", async () => {
    const nowhere = join(user.folder, "nowhere");
    await symlink(nowhere, path());
    expect((await pull(REF)).exit).toBe(8);
    expect(await readlink(path())).toBe(nowhere);
    expect((await pull("--force", REF)).exit).toBe(0);
    expect((await lstat(path())).isFile()).toBe(true);
    await expect(stat(nowhere)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("never replaces a folder", async () => {
    await mkdir(path());
    for (const force of [[], ["--force"]]) {
      const { exit, json } = await pull(...force, REF);
      expect([exit, json.error.code]).toEqual([8, "output-not-a-file"]);
    }
    expect(await readdir(path())).toEqual([]);
  });

  it("never replaces a socket", async () => {
    const server = createServer().listen(path());
    await once(server, "listening");
    const { exit, json } = await pull("--force", REF);
    expect([exit, json.error.code]).toEqual([8, "output-not-a-file"]);
    expect((await stat(path())).isSocket()).toBe(true);
    server.close();
  });

  it("is refused with exit code 3 when the folder does not exist", async () => {
    expect((await pull("-o", "none/x.sif", REF)).exit).toBe(3);
  });

  it("is refused with exit code 3 for another arch, and leaves nothing", async () => {
    expect((await user.run(["pull", "--arch", "s390x", REF])).exit).toBe(3);
    expect(await readdir(user.folder)).toEqual([]);
  });

  it("succeeds for all of several at once", async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => pull(REF)));
    expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    expect(await readdir(user.folder)).toEqual(["tool_1.0.sif"]);
  });
});

describe("sifshelf search", () => {
  it("lists images as singularity does", async () => {
    const { exit, stdout } = await user.run(["search", "--arch", "amd64", "tool"]);
    expect(exit).toBe(0);
    expect(stdout.toString()).toContain("\tlibrary://alice/images/tool:1.0,latest\n");
  });

  it("does not list what is private", async () => {
    const { json } = await user.run(["search", "--json", "hidden-tool"]);
    expect(json).toMatchObject({
      ok: true,
      entities: [],
      collections: [],
      containers: [],
      images: [],
    });
  });
});

describe("sifshelf delete", () => {
  it("deletes an image, after which it is gone", async () => {
    await writeSifFile(join(author.folder, "gone.sif"), { seed: 16 });
    await author.run(["push", "gone.sif", "alice/images/gone:1"]);
    const target = ["--arch", "amd64", "alice/images/gone:1"];
    expect((await author.run(["delete", ...target])).exit).toBe(2);
    expect((await user.run(["delete", "--yes", ...target])).exit).toBe(4);
    expect((await author.run(["delete", "--yes", ...target])).exit).toBe(0);
    expect((await author.run(["delete", "--yes", ...target])).exit).toBe(3);
  });
});

describe("sifshelf login", () => {
  it("makes later commands use the library and the token until logout", async () => {
    delete user.env["SIFSHELF_LIBRARY"];
    const login = await user.run(["login", "--json", "--token-stdin", library.url], {
      stdin: token,
    });
    expect(login.json).toEqual({
      ok: true,
      library: library.url,
      username: "alice",
      isDefault: true,
    });
    const config = join(user.home, ".config/sifshelf/config.json");
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    expect((await user.run(["pull", "--arch", "amd64", HIDDEN])).exit).toBe(0);
    expect((await user.run(["logout"])).exit).toBe(0);
    expect(await readFile(config, "utf8")).not.toContain(token);
    expect((await user.run(["show", "--arch", "amd64", HIDDEN])).exit).toBe(3);
  });

  it("stores nothing that the library does not accept", async () => {
    const { exit, stderr } = await user.run(["login", "--token-stdin", library.url], {
      stdin: "sifs_wrong",
    });
    expect(exit).toBe(4);
    expect(stderr).not.toContain("sifs_wrong");
    expect(await readdir(user.home)).toEqual([]);
  });
});

describe("sifshelf version", () => {
  it("also prints the library's version", async () => {
    const { json } = await user.run(["version", "--json"]);
    expect(json).toMatchObject({
      ok: true,
      library: { url: library.url, apiVersion: "2.0.0-alpha.2" },
    });
  });
});

describe("where threads are not available", () => {
  it("still pushes and pulls large images", async () => {
    const large = await writeSifFile(join(author.folder, "large.sif"), {
      seed: 13,
      payloadBytes: 70 * MIB,
    });
    // Node's permission model, which covers threads, has another flag since Node 23.
    const isNamed = Number(process.versions.node.split(".")[0]) >= 24;
    const permission = isNamed ? "--permission" : "--experimental-permission";
    const files = "--allow-fs-read=* --allow-fs-write=*";
    for (const one of [author, user]) one.env["NODE_OPTIONS"] = `${permission} ${files}`;
    try {
      const pushed = await author.run(["push", "large.sif", "alice/images/large:1"]);
      expect(pushed.exit, pushed.stderr).toBe(0);
      const pulled = await user.run(["pull", "-o", "o.sif", "alice/images/large:1"]);
      expect(pulled.exit, pulled.stderr).toBe(0);
    } finally {
      delete author.env["NODE_OPTIONS"];
    }
    expect(sha256(await readFile(join(user.folder, "o.sif")))).toBe(large.sha256);
  });
});
