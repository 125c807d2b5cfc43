// Joins the compiled command line and the packages that it uses into the few files of `bundle/`, which its bin runs: Node
// takes longer to find and read a few hundred modules than to pull a small image.
//
//   node bundle.mjs           writes the bundle of what `tsc --build` has made
//   node bundle.mjs --check   fails if the bundle that is there is another one

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const PACKAGE = fileURLToPath(new URL(".", import.meta.url));

/** Beside `dist`, because code looks for `../package.json`. */
const BUNDLE = join(PACKAGE, "bundle");

/** CommonJS packages in the bundle ask for Node's modules by `require`, in the one file that stands in for it. */
const REQUIRE =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);\n';
const ASKS_FOR_MODULES = /^var __require = /m;

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

/** The files of the bundle, by name. What a command imports dynamically stays in files of its own. */
async function makeBundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PACKAGE,
    entryPoints: { main: "dist/main.js", ...WORKERS },
    outdir: BUNDLE,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Under the LGPL: whoever installs it can put another one in its place.
    external: ["openpgp"],
    metafile: true,
    write: false,
  });
  const files = outputFiles.map(({ path, text }) => {
    const code = ASKS_FOR_MODULES.test(text) ? REQUIRE + text : text;
    return [relative(BUNDLE, path), Buffer.from(code)];
  });
  return new Map([...files, ["LICENSES.txt", await licensesOf(Object.keys(metafile.inputs))]]);
}

/** The licences of the packages of others that these files are of. */
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

const made = await makeBundle();
const present = await readdir(BUNDLE).catch(() => []);
const stale = present.filter((name) => !made.has(name));
const changed = [];
for (const [name, contents] of made) {
  const before = present.includes(name) ? await readFile(join(BUNDLE, name)) : undefined;
  if (before?.equals(contents) !== true) changed.push(name);
}

if (process.argv.includes("--check")) {
  const others = [...changed, ...stale];
  if (others.length > 0) {
    process.stderr.write(`not of the compiled code: ${others.join(", ")}; run "npm run build"\n`);
    process.exitCode = 1;
  }
} else {
  await mkdir(BUNDLE, { recursive: true });
  await Promise.all(changed.map((name) => writeFile(join(BUNDLE, name), made.get(name))));
  await Promise.all(stale.map((name) => rm(join(BUNDLE, name))));
}
