import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { lockDataFolder } from "./lock-data-folder.js";
import { prepareDataFolder } from "./prepare-data-folder.js";

const isRoot = process.getuid?.() === 0;

let parent: string;
let path: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sifshelf-folder-"));
  path = join(parent, "data");
});
afterEach(() => rmSync(parent, { recursive: true }));

describe("prepareDataFolder", () => {
  describe("when there is nothing", () => {
    it("makes the folder and its parents for their owner alone", () => {
      const folder = prepareDataFolder(join(path, "deeper"));

      expect(statSync(folder.path).mode & 0o777).toBe(0o700);
      expect(statSync(path).mode & 0o777).toBe(0o700);
      expect(folder.catalogPath.startsWith(folder.path)).toBe(true);
    });
  });

  describe("when there is a folder", () => {
    it("takes one that others may read, or a group may write", () => {
      prepareDataFolder(path);
      for (const mode of [0o755, 0o770, 0o2775]) {
        chmodSync(path, mode);
        expect(prepareDataFolder(path).path).toBe(path);
      }
    });

    it("throws data-folder-not-safe if everyone may write to it", () => {
      prepareDataFolder(path);
      chmodSync(path, 0o777);

      expect(() => prepareDataFolder(path)).toThrow(
        expect.objectContaining({ name: "DataFolderError", code: "data-folder-not-safe" }),
      );
    });

    it.skipIf(isRoot)(
      "throws data-folder-not-usable if it cannot be written (skipped for root, who can)",
      () => {
        prepareDataFolder(path);
        chmodSync(path, 0o500);

        expect(() => prepareDataFolder(path)).toThrow(
          expect.objectContaining({ code: "data-folder-not-usable" }),
        );
      },
    );
  });

  describe.skipIf(process.platform !== "linux")("when no folder can be made there", () => {
    it("throws data-folder-not-usable, and does not try for ever", () => {
      expect(() => prepareDataFolder("/proc/sifshelf/data")).toThrow(
        expect.objectContaining({ code: "data-folder-not-usable" }),
      );
    });
  });

  describe("when there is a file in its place", () => {
    it("throws data-folder-not-usable", () => {
      writeFileSync(path, "");

      for (const wrong of [path, join(path, "below")]) {
        expect(() => prepareDataFolder(wrong)).toThrow(
          expect.objectContaining({ name: "DataFolderError", code: "data-folder-not-usable" }),
        );
      }
    });
  });
});

describe("lockDataFolder", () => {
  const inUse = expect.objectContaining({ name: "DataFolderError", code: "data-folder-in-use" });

  describe("when another server of this process holds it", () => {
    it("throws data-folder-in-use until that lets go", () => {
      const folder = prepareDataFolder(path);
      const lock = lockDataFolder(folder);

      expect(() => lockDataFolder(folder)).toThrow(inUse);
      lock.release();
      lockDataFolder(folder).release();
    });
  });

  describe("when many servers of this process ask for it", () => {
    it("keeps it for the one that has it, as other processes see it too", async () => {
      const folder = prepareDataFolder(path);
      const lock = lockDataFolder(folder);
      for (let n = 0; n < 3; n++) expect(() => lockDataFolder(folder)).toThrow(inUse);
      const other = spawnHolder(folder.lockPath);
      const [code] = (await once(other, "exit")) as [number | null];

      expect(code).not.toBe(0);
      expect(statSync(folder.lockPath).mode & 0o777).toBe(0o600);
      lock.release();
    });
  });

  describe("when another process holds it", () => {
    it("throws data-folder-in-use until that process is killed", async () => {
      const folder = prepareDataFolder(path);
      const holder = spawnHolder(folder.lockPath);
      await once(holder.stdout, "data");

      expect(() => lockDataFolder(folder)).toThrow(inUse);
      holder.kill("SIGKILL");
      await once(holder, "exit");
      expect(existsSync(folder.lockPath)).toBe(true);
      lockDataFolder(folder).release();
    });
  });

  describe("when the lock cannot be made", () => {
    it("throws data-folder-not-usable", () => {
      const folder = { path, catalogPath: "", lockPath: join(path, "server.lock") };

      expect(() => lockDataFolder(folder)).toThrow(
        expect.objectContaining({ code: "data-folder-not-usable" }),
      );
    });
  });
});

/** A process that holds the lock as a server does, and says so. */
function spawnHolder(lockPath: string) {
  const program = `
    const Database = require(process.argv[1]);
    const database = new Database(process.argv[2], { timeout: 0 });
    database.exec("begin exclusive");
    console.log("held");
    setInterval(() => database.inTransaction, 1000);`;
  const driver = createRequire(import.meta.url).resolve("better-sqlite3");
  return spawn(process.execPath, ["--eval", program, driver, lockPath], {
    stdio: ["ignore", "pipe", "ignore"],
  });
}
