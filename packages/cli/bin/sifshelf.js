#!/usr/bin/env node
// Loads bundle/main.cjs and the files that it requires, with the code that V8 compiled from them
// when the bundle was made (`bundle.mjs`). Node's own loader cannot use such a cache. Where there
// is none for this version of Node, or V8 rejects it, the files are compiled as usual. CommonJS, as
// package.json beside it says: an ES module starts 4 ms later.
"use strict";

const { readFileSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const vm = require("node:vm");

const BUNDLE = path.join(__dirname, "../bundle");
const BUNDLE_URL = pathToFileURL(BUNDLE + path.sep).href;
const { version, platform, arch } = process;
// Beside the code, and so writable for nobody who cannot change the code itself.
const CODE_CACHE = path.join(BUNDLE, `code-cache/${version}-${platform}-${arch}`);

const loaded = new Map();

// Returns the exports of a file of the bundle.
function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  // esbuild escapes everything that is not ASCII.
  const code = readFileSync(path.join(BUNDLE, name), "latin1");
  const script = new vm.Script(`(function (exports, require, module, __url) {${code}\n})`, {
    // Without a path: V8 keeps the name in the code cache, which may have been made in another
    // place.
    filename: `sifshelf:${name}`,
    cachedData: readCodeCache(name),
  });
  const module = { exports: {} };
  loaded.set(name, module);
  script.runInThisContext()(module.exports, requireFromBundle, module, BUNDLE_URL + name);
  return module.exports;
}

// Modules of Node that take long to load and that many commands never use. Each is loaded when one
// of its exports is read, which the files of the bundle do through the object that `require`
// returned.
const LAZY = new Set([
  "node:child_process",
  "node:crypto",
  "node:fs/promises",
  "node:worker_threads",
]);

function requireFromBundle(id) {
  if (id.startsWith("./")) return load(id.slice(2));
  return LAZY.has(id) ? new Proxy({}, { get: (_, name) => require(id)[name] }) : require(id);
}

function readCodeCache(name) {
  try {
    return readFileSync(path.join(CODE_CACHE, name));
  } catch {
    return undefined;
  }
}

load("main.cjs");
