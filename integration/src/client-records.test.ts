import {
  getCreated,
  getDeleted,
  getId,
  getUpdated,
  imageHash,
  isNotFound,
  isUnauthorized,
  LibraryClient,
  libraryUri,
  parseAmbiguousLibraryRef,
  parseLibraryRef,
  sifImageId,
  tagList,
} from "@sifshelf/client";
import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestLibrary, startTestLibrary } from "./test-library.js";

const amd64 = buildSif({ seed: 1, arch: "amd64" });
const arm64 = buildSif({ seed: 2, arch: "arm64", signed: true });

let site: TestLibrary;
let client: LibraryClient;
let anonymous: LibraryClient;

beforeAll(async () => {
  site = await startTestLibrary();
  client = new LibraryClient({ baseUrl: site.url, authToken: site.adminToken });
  anonymous = new LibraryClient({ baseUrl: site.url });
  const path = "library/default/alpine";
  await client.uploadImage(amd64, path, { arch: "amd64", tags: ["latest", "3.18"] });
  await client.uploadImage(arm64, path, { arch: "arm64", tags: ["latest"] });
});
afterAll(() => site.close());

describe("the version of a running server", () => {
  it("has an API version that enables all features", async () => {
    const { version, apiVersion } = await client.getVersion();
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(apiVersion).toMatch(/^2\./);
  });
});

describe("the identity at a running server", () => {
  it("is the token's user, and nobody without a token", async () => {
    expect((await client.getIdentity()).username).toBe("admin");
    const refused: unknown = await anonymous.getIdentity().catch((error: unknown) => error);
    expect(isUnauthorized(refused)).toBe(true);
  });
});

describe("entities, collections and containers of a running server", () => {
  it("are created, found and described", async () => {
    const entity = await client.createEntity({ name: "dora", description: "us" });
    const collection = await client.createCollection({ name: "tools", entity: entity.id });
    const container = await client.createContainer({ name: "vim", collection: collection.id });
    expect(await client.getEntity("dora")).toMatchObject({ id: entity.id, description: "us" });
    const found = await client.getCollection("dora/tools");
    expect(found).toMatchObject({ id: collection.id, entity: entity.id, entityName: "dora" });
    const vim = await client.getContainer("library://dora/tools/vim");
    expect(vim).toMatchObject({ id: container.id, collection: collection.id });
    expect([entity, found, vim].map(libraryUri)).toEqual([
      "library://dora",
      "library://dora/tools",
      "library://dora/tools/vim",
    ]);
    expect(getId(vim)).toBe(container.id);
    expect(getCreated(vim)).toEqual({ by: expect.any(String), at: expect.stringMatching(/^20/) });
    expect(getDeleted(vim).at).toBeUndefined();
    expect(getUpdated(vim).by).toEqual(expect.any(String));
  });

  it("are the same when they are created again", async () => {
    const first = await client.createEntity({ name: "erin" });
    const again = await client.createEntity({ name: "erin" });
    expect(again.id).toBe(first.id);
  });

  it("are missing with not-found", async () => {
    for (const missing of [
      client.getEntity("nobody"),
      client.getCollection("dora/no"),
      client.getContainer("dora/tools/no"),
    ]) {
      expect(isNotFound(await missing.catch((error: unknown) => error))).toBe(true);
    }
  });

  it("are not created without a token", async () => {
    const created = anonymous.createEntity({ name: "mallory" });
    await expect(created).rejects.toMatchObject({ code: "unauthorized", status: 401 });
  });
});

describe("images of a running server", () => {
  it.each([
    "alpine",
    "alpine:latest",
    "default/alpine:3.18",
    "library/default/alpine",
    "library://library/default/alpine:latest",
    parseLibraryRef("library:library/default/alpine:latest"),
    parseAmbiguousLibraryRef("library://alpine"),
  ])("are found by %s", async (ref) => {
    const image = await anonymous.getImage(ref, { arch: "amd64" });
    expect(image).toMatchObject({ hash: await imageHash(amd64), uploaded: true, arch: "amd64" });
  });

  it("are found by both forms of their hash", async () => {
    const { id } = await anonymous.getImage("alpine", { arch: "arm64" });
    for (const hash of [await imageHash(arm64), await sifImageId(arm64)]) {
      expect((await anonymous.getImage(`alpine:${hash}`, { arch: "arm64" })).id).toBe(id);
    }
  });

  it("are records without bytes until the bytes are sent", async () => {
    const { id: container } = await client.getContainer("library/default/alpine");
    const hash = await imageHash(buildSif({ seed: 3 }));
    const image = await client.createImage({ hash, container });
    expect(image).toMatchObject({ hash, uploaded: false });
    expect((await client.createImage({ hash, container })).id).toBe(image.id);
  });

  it("are deleted for one arch", async () => {
    await client.uploadImage(amd64, "gone/a/b", { arch: "amd64" });
    const refused = anonymous.deleteImage("gone/a/b:latest", { arch: "amd64" });
    await expect(refused).rejects.toMatchObject({ code: "unauthorized" });
    await client.deleteImage("gone/a/b:latest", { arch: "amd64" });
    const found = await client
      .getImage("gone/a/b", { arch: "amd64" })
      .catch((error: unknown) => error);
    expect(isNotFound(found)).toBe(true);
    const again = client.deleteImage("gone/a/b:latest", { arch: "amd64" });
    await expect(again).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("tags of a running server", () => {
  it("are kept by arch, and plain ones separately", async () => {
    const container = await client.getContainer("library/default/alpine");
    expect(tagList(container)).toBe("3.18,latest");
    const one = await client.getImage("alpine", { arch: "amd64" });
    const other = await client.getImage("alpine", { arch: "arm64" });
    const byArch = await client.getArchTags(container.id);
    expect(byArch).toEqual({
      amd64: { latest: one.id, "3.18": one.id },
      arm64: { latest: other.id },
    });
    await client.setArchTags(container.id, {
      arch: "arm64",
      imageId: other.id,
      tags: ["3.18", "edge"],
    });
    expect((await client.getArchTags(container.id))["arm64"]).toEqual({
      latest: other.id,
      "3.18": other.id,
      edge: other.id,
    });
    await client.setTags(container.id, { imageId: one.id, tags: ["plain"] });
    expect(await client.getTags(container.id)).toMatchObject({ plain: one.id });
    expect((await client.getArchTags(container.id))["amd64"]).toMatchObject({ plain: one.id });
  });

  it("are not set without a token or for an image of another container", async () => {
    const { id } = await client.getContainer("library/default/alpine");
    const assignment = { arch: "amd64", imageId: "0".repeat(24), tags: ["x"] };
    await expect(anonymous.setArchTags(id, assignment)).rejects.toMatchObject({
      code: "unauthorized",
    });
    await expect(client.setArchTags(id, assignment)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("a search at a running server", () => {
  it("finds all kinds by name, and only images by arch and signature", async () => {
    const found = await anonymous.search({ value: "alpine" });
    expect(found.containers.map(libraryUri)).toEqual(["library://library/default/alpine"]);
    const hashes = async (query: object) =>
      (await anonymous.search({ value: "alpine", ...query })).images.map(({ hash }) => hash);
    expect(await hashes({ arch: "amd64" })).toEqual([await imageHash(amd64)]);
    expect(await hashes({ arch: "amd64,arm64" })).toHaveLength(2);
    expect(await hashes({ arch: ["arm64"], signed: false })).toEqual([]);
    expect(await hashes({ signed: true })).toEqual([await imageHash(arm64)]);
    expect(await anonymous.search({ value: "nothing-like-it" })).toEqual({
      entities: [],
      collections: [],
      containers: [],
      images: [],
    });
  });

  it("returns pages that contain every hit exactly once", async () => {
    for (const name of ["one", "two", "three", "four", "five"]) {
      await client.createEntity({ name: `paged-${name}` });
    }
    const names: string[] = [];
    let pages = 0;
    for await (const page of anonymous.searchPages({ value: "paged", pageSize: 2 })) {
      names.push(...page.entities.map(({ name }) => name));
      expect(page.entities.length).toBeLessThanOrEqual(2);
      pages++;
    }
    expect(names.toSorted()).toEqual([
      "paged-five",
      "paged-four",
      "paged-one",
      "paged-three",
      "paged-two",
    ]);
    expect(pages).toBe(3);
  });
});
