import { execFile } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Script } from "node:vm";

import { writeSifFile } from "@sifshelf/testing";
import { generateKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type CliUser, createCliUser } from "./cli-process.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = join(ROOT, "packages/cli");
const REF = "library://alice/images/packed:1";

const run = promisify(execFile);

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: { readonly sifshelf: string };
}

/** The package as `npm publish` would send it, unpacked with only its declared dependencies. */
async function installPacked(folder: string): Promise<{ package: string; manifest: Manifest }> {
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: CLI });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  await run("tar", ["-xzf", join(folder, filename), "-C", modules]);
  const installed = join(modules, "package");
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as Manifest;
  for (const name of Object.keys(manifest.dependencies)) {
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  return { package: installed, manifest };
}

/**
 * The files that a command loads as code, as V8 reports them. `sifshelf:` names a file of the
 * bundle.
 */
async function filesLoadedBy(
  user: CliUser,
  args: readonly string[],
  bundle: string,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(user.home, "coverage-"));
  user.env["NODE_V8_COVERAGE"] = folder;
  const { exit, stderr } = await user.run(args);
  delete user.env["NODE_V8_COVERAGE"];
  expect(exit, stderr).toBe(0);
  const reports = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const urls = reports.flatMap((text) => {
    const { result } = JSON.parse(text) as { result: readonly { url: string }[] };
    return result.map(({ url }) => url).filter((url) => /^(?:file|sifshelf):/.test(url));
  });
  return Promise.all(
    [...new Set(urls)].map((url) =>
      realpath(
        url.startsWith("file:") ? fileURLToPath(url) : join(bundle, url.slice("sifshelf:".length)),
      ),
    ),
  );
}

/** The programs of the threads that a command starts, as reported by a preloaded module. */
async function threadsOf(user: CliUser, args: readonly string[]): Promise<readonly string[]> {
  const probe = `
    const threads = process.getBuiltinModule("node:worker_threads");
    const { Worker } = threads;
    threads.Worker = class extends Worker {
      constructor(url, options) {
        super(url, options);
        this.once("online", () => process.stderr.write("thread: " + url + "\\n"));
      }
    };
  `;
  const source = Buffer.from(probe).toString("base64");
  user.env["NODE_OPTIONS"] = `--import=data:text/javascript;base64,${source}`;
  const { exit, stderr } = await user.run(args);
  delete user.env["NODE_OPTIONS"];
  expect(exit, stderr).toBe(0);
  return [...stderr.matchAll(/^thread: (file:.*)$/gm)].map(([, url = ""]) => fileURLToPath(url));
}

describe("the packed command line", () => {
  let folder: string;
  let installed: { package: string; manifest: Manifest };
  let library: TestLibrary;
  let user: CliUser;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "sifshelf-packed-")));
    installed = await installPacked(folder);
    library = await startTestLibrary();
    user = await createCliUser(join(installed.package, installed.manifest.bin.sifshelf));
    Object.assign(user.env, {
      SIFSHELF_LIBRARY: library.url,
      SIFSHELF_TOKEN: library.adminToken,
    });
    await writeSifFile(join(user.folder, "image.sif"), { payloadBytes: 4096 });
  });
  afterAll(async () => {
    await user.remove();
    await library.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("has a bundle of the compiled code, with the licences of what is in it", async () => {
    await run(process.execPath, [join(CLI, "bundle.mjs"), "--check"]);
    const licences = await readFile(join(installed.package, "bundle/LICENSES.txt"), "utf8");
    expect(licences).toMatch(/^commander 14\./m);
    expect(await readdir(installed.package)).not.toContain("dist");
  });

  it("has a code cache for this version of Node, which V8 accepts and which contains no paths", async () => {
    const { version, platform, arch } = process;
    const bundle = join(installed.package, "bundle");
    const cache = join(bundle, "code-cache", `${version}-${platform}-${arch}`);
    const names = await readdir(cache);
    expect(names).toContain("main.cjs");
    for (const name of names) {
      const code = await readFile(join(bundle, name), "latin1");
      const cachedData = await readFile(join(cache, name));
      const wrapped = `(function (exports, require, module, __url) {${code}\n})`;
      expect(new Script(wrapped, { cachedData }).cachedDataRejected).toBe(false);
      expect(cachedData.includes(ROOT)).toBe(false);
    }
  });

  it("prints its version and help", async () => {
    expect(String((await user.run(["--version"])).stdout)).toBe(`${installed.manifest.version}\n`);
    expect(String((await user.run(["pull", "--help"])).stdout)).toContain("sifshelf pull");
  });

  it("pushes and pulls, and loads only a few files, all of them its own", async () => {
    const bundle = join(installed.package, "bundle");
    const pushed = await filesLoadedBy(user, ["push", "image.sif", REF], bundle);
    const pulled = await filesLoadedBy(user, ["pull", "-o", "pulled.sif", REF], bundle);
    for (const files of [pushed, pulled]) {
      // There were 279 when each module was a separate file; each takes a third of a millisecond.
      expect(files.length).toBeGreaterThan(2);
      expect(files.length).toBeLessThan(40);
      expect(files.filter((file) => !file.startsWith(installed.package + sep))).toEqual([]);
    }
    const [before, after] = await Promise.all(
      ["image.sif", "pulled.sif"].map((name) => readFile(join(user.folder, name))),
    );
    expect(after?.equals(before ?? Buffer.alloc(0))).toBe(true);
  });

  it("transfers large images with threads whose programs are in its bundle", async () => {
    const payloadBytes = 20 * 1024 * 1024;
    await writeSifFile(join(user.folder, "large.sif"), { payloadBytes, seed: 1 });
    const ref = "library://alice/images/large:1";
    const threads = (name: string) => join(installed.package, "bundle", `${name}.worker.js`);
    expect(await threadsOf(user, ["push", "large.sif", ref])).toEqual([threads("hash-file")]);
    const pulled = await threadsOf(user, ["pull", "-o", "pulled-large.sif", ref]);
    expect(pulled.toSorted()).toEqual([threads("hash-file"), threads("write-file")]);
  });

  it("reports errors of the library in it as errors of the library", async () => {
    const { exit, json } = await user.run(["pull", "--json", "alice/images/missing"]);
    expect(exit).toBe(3);
    expect(json).toMatchObject({ ok: false, code: "not-found" });
  });

  it("signs and verifies with OpenPGP, which is not in the bundle", async () => {
    const userIDs = [{ name: "Alice", email: "alice@example.org" }];
    const { privateKey, publicKey } = await generateKey({ userIDs, format: "armored" });
    await writeFile(join(user.folder, "key.asc"), privateKey);
    await writeFile(join(user.folder, "key.pub.asc"), publicKey);
    expect(await user.run(["sign", "--key", "key.asc", "image.sif"])).toMatchObject({ exit: 0 });
    const verified = await user.run(["verify", "--key", "key.pub.asc", "image.sif"]);
    expect(verified).toMatchObject({ exit: 0 });
  });

  it("runs without its code cache, and with one that is damaged", async () => {
    const bundle = join(installed.package, "bundle");
    const cache = join(bundle, "code-cache");
    const [version = ""] = await readdir(cache);
    await writeFile(join(cache, version, "main.cjs"), "not a code cache");
    expect(await user.run(["--version"])).toMatchObject({ exit: 0, stderr: "" });
    await rm(cache, { recursive: true });
    expect(await user.run(["help"])).toMatchObject({ exit: 0, stderr: "" });
  });
});
