import { dataReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { isNotFound, LibraryClient } from "../index.js";

const INSPECTION = {
  image: "a1",
  hash: `sha256.${"a".repeat(64)}`,
  labels: { version: "1" },
  deffile: "Bootstrap: docker\n",
  objects: [{ id: 1, type: "FS", name: "", size: 4096, group: 1 }],
  objectCount: 1,
  problems: [],
};

function setUp(reply: () => Response) {
  const library = scriptLibrary();
  library.on(/v1\/inspections/, reply);
  const client = new LibraryClient({
    baseUrl: library.baseUrl,
    fetch: library.fetch,
    retry: false,
  });
  return { client, asked: () => library.requests.map(({ url }) => url.pathname + url.search) };
}

describe("getInspection", () => {
  describe("when the library has the image", () => {
    it("returns what it holds", async () => {
      const { client, asked } = setUp(() => dataReply(INSPECTION));
      expect(await client.getInspection("library://e/c/n:v1", { arch: "arm64" })).toEqual(
        INSPECTION,
      );
      expect(asked()).toEqual(["/v1/inspections/e/c/n:v1?arch=arm64"]);
    });

    it("asks for the tag latest where none is given", async () => {
      const { client, asked } = setUp(() => dataReply(INSPECTION));
      await client.getInspection("alpine");
      expect(asked()).toEqual(["/v1/inspections/alpine:latest"]);
    });

    it("returns empty lists for what the reply leaves out", async () => {
      const { client } = setUp(() => dataReply({ image: "a1" }));
      expect(await client.getInspection("alpine")).toEqual({
        image: "a1",
        hash: "",
        labels: {},
        objects: [],
        objectCount: 0,
        problems: [],
      });
    });
  });

  describe("when the library does not know the image, or no inspections", () => {
    it("rejects with not-found", async () => {
      const { client } = setUp(() => new Response("404 page not found", { status: 404 }));
      const error: unknown = await client
        .getInspection("alpine")
        .catch((caught: unknown) => caught);
      expect(isNotFound(error)).toBe(true);
    });
  });

  describe("when the reply is of another shape", () => {
    it.each([{ labels: ["a"] }, { deffile: {} }, { objects: [{ size: -1 }] }])(
      "rejects %j with protocol",
      async (data) => {
        const { client } = setUp(() => dataReply(data));
        await expect(client.getInspection("alpine")).rejects.toMatchObject({ code: "protocol" });
      },
    );
  });

  describe("when ref or arch are not valid", () => {
    it("rejects before it asks", async () => {
      const { client, asked } = setUp(() => dataReply(INSPECTION));
      await expect(client.getInspection("e/c/n:a,b")).rejects.toMatchObject({
        code: "ref-tags-not-valid",
      });
      await expect(client.getInspection("alpine", { arch: "x y" })).rejects.toMatchObject({
        code: "option-not-valid",
      });
      expect(asked()).toEqual([]);
    });
  });

  describe("when it is aborted", () => {
    it("rejects with the reason", async () => {
      const { client } = setUp(() => dataReply(INSPECTION));
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await expect(client.getInspection("alpine", { signal })).rejects.toBe(reason);
    });
  });
});
