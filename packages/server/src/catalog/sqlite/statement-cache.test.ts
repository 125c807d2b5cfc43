import Database from "better-sqlite3";
import { afterEach, describe, expect, it, vi } from "vitest";

import { createStatementCache } from "./statement-cache.js";

describe("createStatementCache", () => {
  const database = new Database(":memory:");
  const prepare = vi.spyOn(database, "prepare");
  afterEach(() => prepare.mockClear());

  describe("when a statement is used again", () => {
    it("prepares it once", () => {
      const cache = createStatementCache(database);
      for (const n of [1, 2]) expect(cache.prepare("select ? as n").all([n])).toEqual([{ n }]);

      expect(prepare).toHaveBeenCalledTimes(1);
    });
  });

  describe("when there are more statements than it keeps", () => {
    it("forgets the one that was used longest ago", () => {
      const cache = createStatementCache(database);
      cache.prepare("select 0");
      for (let n = 1; n <= 256; n++) {
        cache.prepare(`select ${n}`);
        cache.prepare("select 0");
      }
      prepare.mockClear();
      cache.prepare("select 0");
      cache.prepare("select 256");

      expect(prepare).not.toHaveBeenCalled();
      cache.prepare("select 1");
      expect(prepare).toHaveBeenCalledTimes(1);
    });
  });
});
