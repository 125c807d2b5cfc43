// Bundles the compiled command line and the packages that it uses into `bundle/`, which the bin
// runs: Node takes longer to find and read a few hundred modules than to pull a small image.
//
//   node bundle.mjs           writes the bundle of the output of `tsc --build`, and its code cache
//   node bundle.mjs --check   fails if the bundle on disk is out of date

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build, transform } from "esbuild";

const PACKAGE = fileURLToPath(new URL(".", import.meta.url));

/** Beside `dist`, because code looks for `../package.json`. */
const BUNDLE = join(PACKAGE, "bundle");

/** What V8 compiled from the bundle's files, in a folder for each version of Node. */
const CODE_CACHE = "code-cache";

/** Programs of threads, each a file `<name>.js` beside the one that starts it, by their package. */
const WORKERS = {
  "hash-file.worker": fileOf("@sifshelf/client/node", "hash-file.worker.js"),
  "write-file.worker": fileOf("@sifshelf/client/node", "write-file.worker.js"),
  "sif-hash.worker": fileOf("@sifshelf/sif", "node/sif-hash.worker.js"),
};

/** A file of a package, by its place beside one of the entries. */
function fileOf(entry, path) {
  return fileURLToPath(new URL(path, import.meta.resolve(entry)));
}

/** Options of every file of the bundle. */
const COMMON = { platform: "node", target: "node20.19", charset: "ascii" };

/** The files of the bundle, by name. */
async function makeBundle() {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    absWorkingDir: PACKAGE,
    entryPoints: ["dist/main.js"],
    outdir: BUNDLE,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    // What a command imports dynamically stays in files of its own.
    splitting: true,
    format: "esm",
    // Under the LGPL: users must be able to replace it.
    external: ["openpgp"],
    metafile: true,
    write: false,
  });
  const files = await Promise.all(
    outputFiles.map(async ({ path, text }) => [relative(BUNDLE, path), await toCommonJs(text)]),
  );
  const workers = await makeWorkers();
  const inputs = [...Object.keys(metafile.inputs), ...workers.inputs];
  return new Map([...files, ...workers.files, ["LICENSES.txt", await licensesOf(inputs)]]);
}

/** The programs of threads. Node itself loads them, so each is one ES module. */
async function makeWorkers() {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    absWorkingDir: PACKAGE,
    entryPoints: WORKERS,
    outdir: BUNDLE,
    bundle: true,
    format: "esm",
    metafile: true,
    write: false,
  });
  return {
    files: outputFiles.map(({ path, contents }) => [relative(BUNDLE, path), Buffer.from(contents)]),
    inputs: Object.keys(metafile.inputs),
  };
}

/**
 * Only scripts can be run from a code cache, and esbuild splits only ES modules: so each file is
 * converted by itself.
 */
async function toCommonJs(text) {
  const { code } = await transform(text, {
    ...COMMON,
    format: "cjs",
    // A dynamic import of another file of the bundle goes through the bin's loader as well.
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "__url" },
  });
  return Buffer.from(code);
}

/** The licences of other people's packages in the bundle. */
async function licensesOf(inputs) {
  const folders = inputs.map((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const known = [...new Set(folders)].filter((folder) => folder !== undefined);
  const texts = await Promise.all(known.map((folder) => licenseOf(join(PACKAGE, folder))));
  return Buffer.from(texts.join(`\n${"-".repeat(80)}\n\n`));
}

async function licenseOf(folder) {
  const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(?:\.|$)/i.test(entry));
  if (file === undefined) throw new Error(`${name} comes without the text of its licence`);
  return `${name} ${version}\n\n${await readFile(join(folder, file), "utf8")}`;
}

const IMAGE = { id: "0".repeat(24), hash: `sha256.${"0".repeat(64)}`, uploaded: true };

/**
 * Runs commands once, so that the code cache has what they use. One asks a library, here a server
 * with one reply.
 */
async function makeCodeCache() {
  const server = createServer((_, response) => response.end(JSON.stringify({ data: IMAGE })));
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const SIFSHELF_LIBRARY = `http://127.0.0.1:${server.address().port}`;
  const home = join(PACKAGE, "dist/no-home");
  const env = { PATH: process.env.PATH, HOME: home, SIFSHELF_LIBRARY, SIFSHELF_TOKEN: "none" };
  const program = join(PACKAGE, "make-code-cache.cjs");
  try {
    for (const argv of [
      ["show", "library://alice/images/alpine:latest"],
      ["help", "push"],
      ["help", "pull"],
      ["help", "search"],
    ]) {
      await promisify(execFile)(process.execPath, [program, ...argv], { env });
    }
  } finally {
    server.close();
  }
}

const made = await makeBundle();
const present = (await readdir(BUNDLE).catch(() => [])).filter((name) => name !== CODE_CACHE);
const stale = present.filter((name) => !made.has(name));
const changed = [];
for (const [name, contents] of made) {
  const before = present.includes(name) ? await readFile(join(BUNDLE, name)) : undefined;
  if (before?.equals(contents) !== true) changed.push(name);
}
const { version, platform, arch } = process;
const cached = await readdir(join(BUNDLE, CODE_CACHE, `${version}-${platform}-${arch}`)).catch(
  () => [],
);

if (process.argv.includes("--check")) {
  const others = [...changed, ...stale];
  if (others.length > 0) {
    process.stderr.write(`out of date: ${others.join(", ")}; run "npm run build"\n`);
    process.exitCode = 1;
  }
} else if (changed.length + stale.length > 0 || cached.length === 0) {
  // First: V8 compares no more than the length of a file with the one that it compiled.
  await rm(join(BUNDLE, CODE_CACHE), { recursive: true, force: true });
  await mkdir(BUNDLE, { recursive: true });
  await Promise.all(changed.map((name) => writeFile(join(BUNDLE, name), made.get(name))));
  await Promise.all(stale.map((name) => rm(join(BUNDLE, name))));
  await makeCodeCache();
}
