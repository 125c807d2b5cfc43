import { errorReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient } from "../index.js";

const IMAGE = "a".repeat(24);
const CONTAINER = "b".repeat(24);

function setUp(features?: { readonly atomicTags: boolean }) {
  const library = scriptLibrary(features === undefined ? {} : { features });
  const { baseUrl, fetch } = library;
  return { library, client: new LibraryClient({ baseUrl, fetch, retry: false }) };
}

describe("setTags", () => {
  it("sets plain tags in order, with Go's capitals, each once", async () => {
    const { library, client } = setUp();
    await client.setTags(CONTAINER, { imageId: IMAGE, tags: ["v1", "v2", "v1"] });
    expect(library.requests.map(({ text }) => JSON.parse(text))).toEqual([
      { Tag: "v1", ImageID: IMAGE },
      { Tag: "v2", ImageID: IMAGE },
    ]);
    expect(library.calls()[0]).toBe(`POST /v1/tags/${CONTAINER}`);
  });
});

describe("setArchTags", () => {
  describe("when the library sets tags at once", () => {
    it("sends one request", async () => {
      const { library, client } = setUp({ atomicTags: true });
      await client.setArchTags(CONTAINER, { arch: "arm64", imageId: IMAGE, tags: ["v1", "v2"] });
      expect(library.calls()).toEqual(["GET /version", `PUT /v2/tags/${CONTAINER}`]);
    });
  });

  describe("when it does not", () => {
    it("sends one request each, and tells what was set before one failed", async () => {
      const { library, client } = setUp();
      library.on(/tags/, ({ text }) => (text.includes("v2") ? errorReply(429) : undefined));
      const set = client.setArchTags(CONTAINER, {
        arch: "arm64",
        imageId: IMAGE,
        tags: ["v1", "v2"],
      });
      await expect(set).rejects.toMatchObject({ code: "rate-limited", tagsSet: ["v1"] });
      expect(library.tags).toEqual([{ arch: "arm64", tag: "v1", imageId: IMAGE }]);
    });
  });
});

describe("every call with an id", () => {
  it.each(["", ".", "..", "a/b", "a?b", "a".repeat(129)])(
    "rejects %j before it asks",
    async (id) => {
      const { library, client } = setUp();
      const assignment = { arch: "amd64", imageId: IMAGE, tags: ["v1"] };
      const calls = [
        client.getTags(id),
        client.getArchTags(id),
        client.setTags(id, assignment),
        client.setTags(CONTAINER, { ...assignment, imageId: id }),
        client.createCollection({ name: "c", entity: id }),
        client.createContainer({ name: "n", collection: id }),
        client.createImage({ hash: `sha256.${"0".repeat(64)}`, container: id }),
      ];
      for (const call of calls)
        await expect(call).rejects.toMatchObject({ code: "option-not-valid" });
      const set = client.setArchTags(id, assignment);
      await expect(set).rejects.toMatchObject({ code: "option-not-valid" });
      expect(library.calls().filter((call) => call !== "GET /version")).toEqual([]);
    },
  );
});
