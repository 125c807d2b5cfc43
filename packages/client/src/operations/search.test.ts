import { dataReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient, type SearchPagesQuery, type SearchResults } from "../index.js";

function setUp() {
  const library = scriptLibrary();
  return { library, client: new LibraryClient({ baseUrl: library.baseUrl, fetch: library.fetch }) };
}

async function collect(pages: AsyncIterable<SearchResults>): Promise<SearchResults[]> {
  const all: SearchResults[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const page = (name: string, next?: string) =>
  Response.json({ data: { image: [{ id: "a", customData: name }] }, page: { next } });

describe("search", () => {
  describe("when the query is valid", () => {
    it.each<[SearchPagesQuery, string]>([
      [{ value: "alp" }, "?value=alp"],
      [{ value: "alp", arch: "amd64" }, "?value=alp&arch=amd64"],
      [{ value: "alp", arch: "amd64,arm64" }, "?value=alp&arch=amd64%2Carm64"],
      [
        { value: "alp", arch: ["amd64", "arm64"], signed: true },
        "?value=alp&arch=amd64%2Carm64&signed=true",
      ],
      [{ value: "a b&c=d/ü", signed: false }, "?value=a+b%26c%3Dd%2F%C3%BC&signed=false"],
    ])("asks %o", async (query, expected) => {
      const { library, client } = setUp();
      await client.search(query);
      expect(library.requests[0]?.url.search).toBe(expected);
    });

    it("returns what was found by kind, null for none", async () => {
      const { library, client } = setUp();
      const data = { entity: [{ id: "e" }], collection: null, image: [{ id: "i", size: 5 }] };
      library.on(/search/, () => dataReply(data));
      expect(await client.search({ value: "alpine" })).toMatchObject({
        entities: [{ id: "e" }],
        collections: [],
        containers: [],
        images: [{ id: "i", size: 5 }],
      });
    });
  });

  describe("when the query is not valid", () => {
    it.each<[string, object]>([
      ["no value", {}],
      ["an empty value", { value: "" }],
      ["two characters", { value: "al" }],
      ["a number", { value: 123_456 }],
      ["too long a value", { value: "a".repeat(257) }],
      ["an arch that is none", { value: "alpine", arch: "amd 64" }],
      ["an empty arch", { value: "alpine", arch: "amd64," }],
    ])("rejects %s before any request", async (_, query) => {
      const { library, client } = setUp();
      const found = Reflect.apply(client.search.bind(client), undefined, [query]);
      await expect(found).rejects.toMatchObject({ code: "option-not-valid" });
      expect(library.requests).toEqual([]);
    });
  });
});

describe("searchPages", () => {
  describe("when the library has pages", () => {
    it("asks for one after the other", async () => {
      const { library, client } = setUp();
      library.on(/search/, ({ url }) =>
        url.searchParams.has("after") ? page("second", "") : page("first", "c1"),
      );
      const pages = await collect(client.searchPages({ value: "alpine", pageSize: 5 }));
      expect(pages.map(({ images }) => images[0]?.customData)).toEqual(["first", "second"]);
      expect(library.requests.map(({ url }) => url.search)).toEqual([
        "?value=alpine&limit=5",
        "?value=alpine&limit=5&after=c1",
      ]);
    });

    it("stops asking when the reader has enough", async () => {
      const { library, client } = setUp();
      library.on(/search/, () => page("again", String(library.requests.length)));
      for await (const _ of client.searchPages({ value: "alpine" })) break;
      expect(library.requests).toHaveLength(1);
    });

    it("rejects with protocol when they go in a circle", async () => {
      const { library, client } = setUp();
      library.on(/search/, () => page("again", "c1"));
      const pages = collect(client.searchPages({ value: "alpine" }));
      await expect(pages).rejects.toMatchObject({ code: "protocol" });
    });
  });

  describe("when the library has none", () => {
    it("gives one", async () => {
      const { client } = setUp();
      expect(await collect(client.searchPages({ value: "alpine" }))).toHaveLength(1);
    });
  });

  describe("when the page size is not valid", () => {
    it.each([0, 101, 1.5])("rejects %d", async (pageSize) => {
      const { client } = setUp();
      const pages = collect(client.searchPages({ value: "alpine", pageSize }));
      await expect(pages).rejects.toMatchObject({ code: "option-not-valid" });
    });
  });
});
