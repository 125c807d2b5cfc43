import { dataReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient, LibraryRef, parseAmbiguousLibraryRef } from "../index.js";

const HASH = `sha256.${"a".repeat(64)}`;

function setUp() {
  const library = scriptLibrary();
  library.on(/v1\/images/, () => dataReply({ id: "a1" }));
  const client = new LibraryClient({
    baseUrl: library.baseUrl,
    fetch: library.fetch,
    retry: false,
  });
  const asked = () => library.requests.map(({ url }) => url.pathname + url.search);
  return { library, client, asked };
}

describe("getImage", () => {
  describe("when the ref is valid", () => {
    it.each<[string | LibraryRef, string]>([
      ["e/c/n:v1", "/v1/images/e/c/n:v1"],
      ["e/c/n", "/v1/images/e/c/n:latest"],
      ["library://e/c/n:v1", "/v1/images/e/c/n:v1"],
      ["library:///e/c/n", "/v1/images/e/c/n:latest"],
      ["alpine", "/v1/images/alpine:latest"],
      ["library://default/alpine:3.18", "/v1/images/default/alpine:3.18"],
      [`e/c/n:${HASH}`, `/v1/images/e/c/n:${HASH}`],
      [parseAmbiguousLibraryRef("library://e/c/n:v1"), "/v1/images/e/c/n:v1"],
      [new LibraryRef({ path: "e/c/n" }), "/v1/images/e/c/n:latest"],
    ])("asks for %s", async (ref, path) => {
      const { client, asked } = setUp();
      await client.getImage(ref, { arch: "arm64" });
      expect(asked()).toEqual([`${path}?arch=arm64`]);
    });

    it("leaves an arch out that was not given", async () => {
      const { client, asked } = setUp();
      await client.getImage("alpine");
      expect(asked()).toEqual(["/v1/images/alpine:latest"]);
    });
  });

  describe("when the ref or the arch is not valid", () => {
    it.each<[string | LibraryRef, string | undefined, string]>([
      ["e/c/n:a,b", undefined, "ref-tags-not-valid"],
      ["e/c/n:", undefined, "ref-tags-not-valid"],
      ["e/c/n:../x", undefined, "ref-tags-not-valid"],
      ["e/../../n", undefined, "ref-path-not-valid"],
      ["e/c/n%2f", undefined, "ref-path-not-valid"],
      ["library://host:80/e/c/n", undefined, "ref-tags-not-valid"],
      [new LibraryRef({ host: "host", path: "e/c/n" }), undefined, "ref-path-not-valid"],
      ["e/c/n", "amd64&x=y", "option-not-valid"],
      ["e/c/n", "", "option-not-valid"],
    ])("rejects %s with arch %j", async (ref, arch, code) => {
      const { client, asked } = setUp();
      await expect(client.getImage(ref, { arch })).rejects.toMatchObject({ code });
      expect(asked()).toEqual([]);
    });
  });
});

describe("deleteImage", () => {
  describe("when ref and arch are given", () => {
    it("deletes", async () => {
      const { library, client, asked } = setUp();
      await client.deleteImage("e/c/n:v1", { arch: "amd64" });
      expect(library.requests[0]?.method).toBe("DELETE");
      expect(asked()).toEqual(["/v1/images/e/c/n:v1?arch=amd64"]);
    });
  });

  describe("when there is no arch or no ref", () => {
    it.each([
      ["e/c/n", undefined],
      ["e/c/n", ""],
      ["", "amd64"],
    ])("rejects %j with arch %j", async (ref, arch) => {
      const { library, client } = setUp();
      const deleted = Reflect.apply(client.deleteImage.bind(client), undefined, [ref, { arch }]);
      await expect(deleted).rejects.toBeInstanceOf(Error);
      expect(library.requests).toEqual([]);
    });
  });
});

describe("createImage", () => {
  describe("when the hash is none", () => {
    it("rejects before any request", async () => {
      const { library, client } = setUp();
      const created = client.createImage({ hash: "sha256.x", container: "c" });
      await expect(created).rejects.toMatchObject({ code: "image-hash-not-valid" });
      expect(library.requests).toEqual([]);
    });
  });
});
