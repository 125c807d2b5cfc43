import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ANONYMOUS } from "../access/principal.js";
import { type SearchRequest, search } from "./search.js";
import { type TestLibrary, createTestLibrary } from "./uploads/fixtures.contract.js";

let site: TestLibrary;

beforeEach(async () => {
  site = await createTestLibrary();
});

afterEach(() => site.close());

const find = (request: Partial<SearchRequest> = {}) =>
  search(site.library, ANONYMOUS, {
    value: "alice",
    arches: [],
    limit: 10,
    after: "",
    isAbandoned: () => false,
    ...request,
  });

describe("search", () => {
  describe("when many search at once", () => {
    it("lets other work in between two searches", async () => {
      await find();
      const order: string[] = [];
      const searches = [1, 2, 3].map((n) => find().then(() => order.push(`search ${n}`)));
      setImmediate(() => order.push("other work"));
      await Promise.all(searches);
      expect(order.slice(0, 2)).toContain("other work");
    });

    it("leaves out those whose searcher has gone while they waited", async () => {
      let hasGone = false;
      const [first, second] = [find(), find({ isAbandoned: () => hasGone })];
      hasGone = true;
      await expect(second).rejects.toMatchObject({ code: "bad-request" });
      expect((await first).results.entity).toHaveLength(1);
    });
  });

  describe("when the request is not a sensible one", () => {
    it.each<[string, Partial<SearchRequest>]>([
      ["a text with NUL, at which databases end a text", { value: "ali\0zzz" }],
      ["nothing but NUL", { value: "\0\0\0" }],
      ["more arches than there are", { arches: Array.from({ length: 33 }, (_, n) => `a${n}`) }],
    ])("rejects %s", async (_, request) => {
      await expect(find(request)).rejects.toMatchObject({ code: "bad-request" });
    });
  });
});
