import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { MIGRATIONS } from "./all.js";

const ROUNDS = 8;

/** As built, for a process of its own. */
const MODULE = fileURLToPath(
  new URL("../../../dist/catalog/open/open-catalog.js", import.meta.url),
);

/** Opens the catalog when it is told to, so that no process is ahead of the other. */
const PROGRAM = `
  const { openCatalog } = await import(process.argv[1]);
  process.stdin.once("data", async () => {
    const catalog = await openCatalog({ kind: "sqlite", path: process.argv[2] });
    await catalog.close();
    process.stdout.write("migrated");
    process.stdin.destroy();
  });
  process.stdout.write("ready ");
`;

interface Opener {
  readonly open: () => void;
  readonly isReady: Promise<unknown>;
  readonly output: Promise<string>;
}

function startOpener(path: string): Opener {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, MODULE, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return {
    isReady: new Promise((resolve) => child.stdout.once("readable", resolve)),
    open: () => child.stdin.write("open"),
    output: text(child.stdout),
  };
}

describe("migrateCatalog", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-migrate-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  describe("when two processes open the same new catalog at once", () => {
    it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
      "takes each step once (round %i)",
      async () => {
        const path = join(folder, "catalog.sqlite");
        const openers = [startOpener(path), startOpener(path)];
        await Promise.all(openers.map(({ isReady }) => isReady));
        for (const { open } of openers) open();
        const outputs = await Promise.all(openers.map(({ output }) => output));

        expect(outputs).toEqual(["ready migrated", "ready migrated"]);
        const database = new Database(path, { readonly: true });
        const versions = database.prepare("select version from catalog_versions").pluck().all();
        database.close();
        expect(versions).toEqual(MIGRATIONS.map((_, n) => n + 1));
      },
    );
  });
});
