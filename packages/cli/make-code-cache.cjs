// Runs the command line once and writes what V8 compiled for it into the bundle's code cache.
// `bundle.mjs` starts this as a process of its own, once for each command:
//
//   node make-code-cache.cjs show library://alice/images/alpine:latest
"use strict";

const { existsSync, mkdirSync, renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const { version, platform, arch } = process;
const FOLDER = path.join(__dirname, `bundle/code-cache/${version}-${platform}-${arch}`);

const scripts = new Map();
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, { ...options, cachedData: undefined });
    scripts.set(options.filename.replace(/^sifshelf:/, ""), this);
  }
};

process.on("exit", (exitCode) => {
  if (exitCode !== 0) return;
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, script] of scripts) {
    const file = path.join(FOLDER, name);
    // The first command that uses a file has run more of it than later ones, which only print their
    // help.
    if (existsSync(file)) continue;
    writeFileSync(`${file}.new`, script.createCachedData());
    renameSync(`${file}.new`, file);
  }
});

require("./bin/sifshelf.js");
