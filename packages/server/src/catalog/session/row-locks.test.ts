import { assert, asyncProperty, shuffledSubarray } from "fast-check";
import { describe, expect, it } from "vitest";

import { lockRows } from "./row-locks.js";

const TABLES = [
  ["entity", "entities"],
  ["container", "containers"],
  ["image", "images"],
  ["upload", "uploads"],
  ["blob", "blobs"],
] as const;

describe("lockRows", () => {
  it("locks the named rows in one order, whatever the order they are named in", async () => {
    await assert(
      asyncProperty(shuffledSubarray([...TABLES]), async (named) => {
        const locked: (readonly [string, string])[] = [];
        const session = {
          lockRow: async (table: string, key: string) => {
            locked.push([table, key]);
          },
        };
        await lockRows(session, Object.fromEntries(named.map(([name]) => [name, `id of ${name}`])));

        const expected = TABLES.filter((each) => named.includes(each));
        expect(locked).toEqual(expected.map(([name, table]) => [table, `id of ${name}`]));
      }),
    );
  });
});
