import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RawLibrary, pushRaw, rawLibrary, sha256Hex } from "./raw-library.js";
import { type TestLibrary, startTestLibrary } from "./test-library.js";

let site: TestLibrary;
let library: RawLibrary;
let token: string;
let otherToken: string;
let seed = 1000;

beforeAll(async () => {
  site = await startTestLibrary();
  library = rawLibrary(site.url);
  token = await (await site.addUser("ann")).createToken("write");
  otherToken = await (await site.addUser("bob")).createToken("write");
});

afterAll(() => site.close());

const MISSING_ID = "0123456789abcdef01234567";

function push(
  container: string,
  options: { arch?: "amd64" | "arm64"; uuid?: string; isPrivate?: boolean; tags?: string[] } = {},
) {
  seed += 1;
  const { arch = "amd64", uuid, isPrivate = false, tags } = options;
  const bytes = buildSif({ seed, arch, ...(uuid !== undefined && { uuid }) });
  const collection = isPrivate ? "hidden" : "open";
  return pushRaw(library, {
    token,
    entity: "ann",
    collection,
    container,
    bytes,
    isPrivate,
    ...(tags && { tags }),
  });
}

const get = (path: string, as?: string) => library.send("GET", path, { token: as });
const create = (kind: string, json: unknown, as = token) =>
  library.send("POST", `v1/${kind}`, { token: as, json });

describe("POST v1/entities", () => {
  it("returns the same entity when created twice, also to another user", async () => {
    const first = await create("entities", { name: "twice", description: "No description" });
    const second = await create("entities", { name: "twice" }, otherToken);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.data.id).toMatch(/^[0-9a-f]{24}$/);
    expect(second.data).toMatchObject({
      id: first.data.id,
      owner: "ann",
      description: "No description",
    });
  });

  it("returns one entity to 32 clients at once", async () => {
    const replies = await Promise.all(
      Array.from({ length: 32 }, () => create("entities", { name: "crowd" })),
    );
    expect(new Set(replies.map(({ data }) => data.id)).size).toBe(1);
  });

  it("ignores all but the fields that count", async () => {
    const { data } = await create("entities", {
      id: MISSING_ID,
      name: "zeroes",
      owner: "bob",
      quota: 1,
      size: 7,
      deleted: true,
      createdAt: "0001-01-01T00:00:00Z",
      collections: null,
    });
    expect(data).toMatchObject({ name: "zeroes", owner: "ann", quota: 0, size: 0, deleted: false });
    expect(data.id).not.toBe(MISSING_ID);
  });

  it.each(["", "A", "a b", "a/b", "../a", "-a", "a--b", "a\n", "а", "a".repeat(256)])(
    "refuses the name %j",
    async (name) => {
      const reply = await create("entities", { name });
      expect({ status: reply.status, reason: reply.error.reason }).toEqual({
        status: 400,
        reason: "ref-not-valid",
      });
    },
  );

  it.each(["{", "[]", '"x"', "1", '{"name":7}', '{"name":{}}', "[".repeat(5000)])(
    "refuses the body %j",
    async (body) => {
      const reply = await library.send("POST", "v1/entities", { token, body: Buffer.from(body) });
      expect({ status: reply.status, reason: reply.error.reason }).toMatchObject({ status: 400 });
    },
  );

  it("refuses a body of more than a MiB", async () => {
    const reply = await create("entities", { name: "big", description: "x".repeat(1024 * 1024) });
    expect(reply.error).toMatchObject({ code: 413, reason: "too-large" });
  });

  it("refuses a description that is too long", async () => {
    const reply = await create("entities", { name: "big", description: "x".repeat(20_000) });
    expect(reply.error).toMatchObject({ code: 400, reason: "bad-request" });
  });

  it("refuses a description with control characters, and keeps one with line breaks", async () => {
    const reply = await create("entities", { name: "escapes", description: "\u001b[31mred" });
    expect(reply.error).toMatchObject({ code: 400, reason: "bad-request" });
    const lines = await create("entities", { name: "lines", description: "one\r\n\ttwo ü" });
    expect(lines.data.description).toBe("one\r\n\ttwo ü");
  });
});

describe("GET v1/entities/{entity}", () => {
  it("lists and counts only objects that the reader may see", async () => {
    await push("counted");
    await push("secret", { isPrivate: true });
    const own = await get("v1/entities/ann", token);
    const others = await get("v1/entities/ann");
    expect(own.data.collections).toHaveLength(2);
    expect(others.data.collections).toHaveLength(1);
    expect(own.data.size).toBeGreaterThan(others.data.size);
  });

  it("returns 404 for an unknown one, with the envelope", async () => {
    const reply = await get("v1/entities/nobody");
    expect(reply.status).toBe(404);
    expect(reply.error).toMatchObject({
      code: 404,
      reason: "not-found",
      message: expect.any(String),
      requestID: expect.any(String),
    });
  });

  it("accepts doubled slashes and percent escapes", async () => {
    await create("entities", { name: "twice" });
    expect((await get(`${library.url}//v1//entities//twice`)).status).toBe(200);
    expect((await get("v1/entities/%74wice")).status).toBe(200);
  });

  it.each(["v1/entities/%zz", "v1/entities/%ff", "v1/entities/..%2f..%2fetc", "v1/entities/a%00b"])(
    "refuses %s",
    async (path) => {
      expect([400, 404]).toContain((await get(path)).status);
    },
  );
});

describe("POST v1/collections and v1/containers", () => {
  it("make containers of a private collection private", async () => {
    const pushed = await push("deep", { isPrivate: true });
    expect((await get("v1/containers/ann/hidden/deep", token)).data).toMatchObject({
      id: pushed.containerId,
      private: true,
    });
    expect((await get("v1/containers/ann/hidden/deep", otherToken)).status).toBe(404);
    expect((await get("v1/containers/ann/hidden/deep")).status).toBe(404);
  });

  it("make collections of an entity with defaultPrivate private", async () => {
    const entity = await create("entities", { name: "shy", defaultPrivate: true });
    const { data } = await create("collections", {
      name: "c",
      entity: entity.data.id,
      private: false,
    });
    expect(data).toMatchObject({ private: true, entityName: "shy" });
  });

  it("do not publish a private collection that is created again", async () => {
    const entity = await create("entities", { name: "again" });
    await create("collections", { name: "c", entity: entity.data.id, private: true });
    expect((await create("collections", { name: "c", entity: entity.data.id })).data.private).toBe(
      true,
    );
  });

  it("refuse someone else's entity", async () => {
    const entity = await create("entities", { name: "ann" });
    const reply = await create("collections", { name: "mine", entity: entity.data.id }, otherToken);
    expect(reply.error).toMatchObject({ code: 403, reason: "forbidden" });
  });

  it.each(["", "x", MISSING_ID, "../../etc/passwd", "a".repeat(5000)])(
    "return 404 for the parent id %j",
    async (id) => {
      expect((await create("collections", { name: "c", entity: id })).status).toBe(404);
      expect((await create("containers", { name: "n", collection: id })).status).toBe(404);
      expect(
        (await create("images", { hash: `sha256.${"0".repeat(64)}`, container: id })).status,
      ).toBe(404);
    },
  );
});

describe("POST v1/images", () => {
  it("returns the existing image, uploaded or not", async () => {
    const pushed = await push("idempotent");
    const { data } = await create("images", { hash: pushed.hash, container: pushed.containerId });
    expect(data).toMatchObject({ id: pushed.imageId, uploaded: true, hash: pushed.hash });
  });

  it.each([
    "",
    "sha256.",
    `sha256:${"0".repeat(64)}`,
    `sha256.${"A".repeat(64)}`,
    "sif.b2659d4e-bd50-4ea5-bd17-eec5e54f918e",
    `sha256.${"0".repeat(64)}\n`,
  ])("refuses the hash %j", async (hash) => {
    const { containerId } = await push("hashes");
    expect((await create("images", { hash, container: containerId })).error).toMatchObject({
      code: 400,
      reason: "ref-not-valid",
    });
  });
});

describe("GET v1/images/{ref}", () => {
  const uuid = "b2659d4e-bd50-4ea5-bd17-eec5e54f918e";

  it("finds an image by tag, by hash and by the file's own id", async () => {
    const { imageId, hash } = await push("found", { uuid, tags: ["v1.0"] });
    for (const tag of ["v1.0", "v1.0,other", hash, `sif.${uuid}`]) {
      const reply = await get(`v1/images/ann/open/found:${tag}`);
      expect({ tag, id: reply.data?.id }).toEqual({ tag, id: imageId });
    }
  });

  it("returns what the file states about itself", async () => {
    seed += 1;
    const bytes = buildSif({ seed, arch: "arm64", signed: true });
    const pushed = await pushRaw(library, {
      token,
      entity: "ann",
      collection: "open",
      container: "facts",
      bytes,
    });
    expect((await get(`v1/images/ann/open/facts:${pushed.hash}`)).data).toMatchObject({
      id: pushed.imageId,
      hash: pushed.hash,
      size: bytes.length,
      uploaded: true,
      arch: "arm64",
      signed: true,
      encrypted: false,
      fingerprints: [expect.stringMatching(/^[0-9a-f]{40}$/)],
      entityName: "ann",
      collectionName: "open",
      containerName: "facts",
      tags: ["latest"],
    });
  });

  it("hides an image without its bytes from users who may not send them", async () => {
    seed += 1;
    const bytes = buildSif({ seed });
    const { hash } = await pushRaw(library, {
      token,
      entity: "ann",
      collection: "open",
      container: "half",
      bytes,
      recordOnly: true,
    });
    expect((await get(`v1/images/ann/open/half:${hash}`, token)).data).toMatchObject({
      uploaded: false,
    });
    expect((await get(`v1/images/ann/open/half:${hash}`)).status).toBe(404);
    expect((await get(`v1/imagefile/ann/open/half:${hash}`, token)).status).toBe(404);
  });

  it("expands short refs to library/default and library/C", async () => {
    const at = (collection: string, container: string) => {
      seed += 1;
      const bytes = buildSif({ seed });
      return pushRaw(library, {
        token: site.adminToken,
        entity: "library",
        collection,
        container,
        bytes,
      });
    };
    const one = await at("default", "alpine");
    const two = await at("tools", "alpine");
    expect((await get("v1/images/alpine:latest")).data.id).toBe(one.imageId);
    expect((await get("v1/images/alpine")).data.id).toBe(one.imageId);
    expect((await get("v1/images/tools/alpine:latest")).data.id).toBe(two.imageId);
  });

  it.each([
    "a/b/c/d",
    "A",
    "a:b:c",
    "a%2f..%2fb",
    "%20",
    "a/b/c:",
    "a/b/c:Up",
    `${"a".repeat(300)}/b/c`,
    "a\u0430",
  ])("refuses %j", async (ref) => {
    const reply = await get(`v1/images/${ref}`);
    expect([400, 404]).toContain(reply.status);
    expect(reply.error.reason).toMatch(/^(?:ref-not-valid|not-found)$/);
  });
});

describe("tags", () => {
  const setTag = (version: "v1" | "v2", containerId: string, json: unknown) =>
    library.send("POST", `${version}/tags/${containerId}`, { token, json });
  const imageOf = async (container: string, tag: string, arch = "") =>
    (await get(`v1/images/ann/open/${container}:${tag}${arch && `?arch=${arch}`}`)).data?.id;

  it("of a new container are an empty map", async () => {
    const entity = await create("entities", { name: "ann" });
    const collection = await create("collections", { name: "open", entity: entity.data.id });
    const container = await create("containers", {
      name: "untagged",
      collection: collection.data.id,
    });
    expect((await get(`v1/tags/${container.data.id}`)).data).toEqual({});
    expect((await get(`v2/tags/${container.data.id}`)).data).toEqual({});
  });

  it("set without an arch are also set for the file's arch", async () => {
    const { containerId, imageId } = await push("plain", { arch: "arm64", tags: ["t"] });
    expect((await get(`v1/tags/${containerId}`)).data).toEqual({ t: imageId });
    expect((await get(`v2/tags/${containerId}`)).data).toEqual({ arm64: { t: imageId } });
  });

  it("set for two arches serve both, and amd64 to clients without arch", async () => {
    const arm = await push("multi", { arch: "arm64", tags: [] });
    const amd = await push("multi", { arch: "amd64", tags: [] });
    await setTag("v2", arm.containerId, { Arch: "arm64", Tag: "t", ImageID: arm.imageId });
    expect(await imageOf("multi", "t")).toBe(arm.imageId);
    await setTag("v2", arm.containerId, { arch: "amd64", tag: "t", imageID: amd.imageId });
    expect(await imageOf("multi", "t")).toBe(amd.imageId);
    expect(await imageOf("multi", "t", "arm64")).toBe(arm.imageId);
    const newer = await push("multi", { arch: "arm64", tags: [] });
    await setTag("v2", arm.containerId, { Arch: "arm64", Tag: "t", ImageID: newer.imageId });
    expect(await imageOf("multi", "t")).toBe(amd.imageId);
    expect(await imageOf("multi", "t", "arm64")).toBe(newer.imageId);
    expect(await imageOf("multi", "t", "s390x")).toBeUndefined();
  });

  it("of one request are set all or none", async () => {
    const { containerId, imageId } = await push("atomic", { tags: [] });
    const put = (tags: unknown) =>
      library.send("PUT", `v2/tags/${containerId}`, { token, json: { tags } });
    const bad = await put([
      { Arch: "amd64", Tag: "a", ImageID: imageId },
      { Arch: "amd64", Tag: "b", ImageID: MISSING_ID },
    ]);
    expect(bad.status).toBe(404);
    expect((await get(`v2/tags/${containerId}`)).data).toEqual({});
    const good = await put([
      { Arch: "amd64", Tag: "a", ImageID: imageId },
      { Arch: "", Tag: "b", ImageID: imageId },
    ]);
    expect(good.data).toEqual({ amd64: { a: imageId, b: imageId } });
  });

  it.each([
    "",
    "Latest",
    "a,b",
    "a b",
    "-",
    "../x",
    "a".repeat(129),
    `sha256.${"0".repeat(64)}`,
    "é",
  ])("cannot be named %j", async (tag) => {
    const { containerId, imageId } = await push("names", { tags: [] });
    const reply = await setTag("v1", containerId, { Tag: tag, ImageID: imageId });
    expect(reply.error).toMatchObject({ code: 400, reason: "tag-not-valid" });
    expect((await get(`v1/tags/${containerId}`)).data).toEqual({});
  });

  it("cannot point at an image of another container, as if it were not there", async () => {
    const { containerId } = await push("own", { tags: [] });
    const foreign = await push("foreign", { tags: [] });
    const reply = await setTag("v1", containerId, { Tag: "t", ImageID: foreign.imageId });
    expect(reply.status).toBe(404);
  });

  it("cannot point at an image without its bytes", async () => {
    seed += 1;
    const bytes = buildSif({ seed });
    const pushed = await pushRaw(library, {
      token,
      entity: "ann",
      collection: "open",
      container: "early",
      bytes,
      recordOnly: true,
    });
    const reply = await setTag("v1", pushed.containerId, { Tag: "t", ImageID: pushed.imageId });
    expect(reply.error).toMatchObject({ code: 409, reason: "conflict" });
  });
});

describe("DELETE v1/images/{ref}", () => {
  const remove = (ref: string) => library.send("DELETE", `v1/images/${ref}`, { token });

  it("deletes the image of that tag and arch with all its tags", async () => {
    const amd = await push("gone", { arch: "amd64", tags: ["t", "u"] });
    const arm = await push("gone", { arch: "arm64", tags: ["t"] });
    expect((await remove("ann/open/gone:t?arch=amd64")).status).toBe(200);
    expect((await get(`v2/tags/${amd.containerId}`)).data).toEqual({ arm64: { t: arm.imageId } });
    expect((await get(`v1/images/ann/open/gone:${amd.hash}`)).status).toBe(404);
    expect((await remove("ann/open/gone:t?arch=amd64")).status).toBe(404);
  });

  it("reads the arch that old clients append to the key", async () => {
    await push("glued", { arch: "amd64", tags: ["t"] });
    const arm = await push("glued", { arch: "arm64", tags: ["t"] });
    expect((await remove("ann/open/glued:t?arch%3Darm64")).data.id).toBe(arm.imageId);
  });

  it("lets the same bytes be pushed again", async () => {
    const first = await push("back");
    await remove(`ann/open/back:${first.hash}`);
    const { data } = await create("images", { hash: first.hash, container: first.containerId });
    expect(data).toMatchObject({ uploaded: false });
    expect(data.id).not.toBe(first.imageId);
  });

  it("keeps bytes that another image has", async () => {
    seed += 1;
    const bytes = buildSif({ seed });
    const at = { token, entity: "ann", collection: "open", bytes };
    const one = await pushRaw(library, { ...at, container: "shared-one" });
    await pushRaw(library, { ...at, container: "shared-two" });
    await remove(`ann/open/shared-one:${one.hash}`);
    const redirect = await get(`v1/imagefile/ann/open/shared-two:${one.hash}`);
    const file = await get(redirect.headers.get("location") ?? "");
    expect(sha256Hex(file.bytes)).toBe(sha256Hex(bytes));
  });
});

describe("GET v1/search", () => {
  const find = async (query: string, as?: string) => (await get(`v1/search?${query}`, as)).data;
  const names = (found: { image: { containerName: string }[] }) => [
    ...new Set(found.image.map(({ containerName }) => containerName)),
  ];

  it("finds entities, collections, containers and images by a part of a name, in either case", async () => {
    await push("needle-in-hay");
    const found = await find("value=EEDLE-in");
    expect(found.container.map(({ name }: { name: string }) => name)).toEqual(["needle-in-hay"]);
    expect(names(found)).toEqual(["needle-in-hay"]);
    expect(found.entity).toEqual([]);
  });

  it("finds images only when asked for arch or signature", async () => {
    await push("archival", { arch: "arm64" });
    seed += 1;
    const signed = buildSif({ seed, arch: "amd64", signed: true });
    await pushRaw(library, {
      token,
      entity: "ann",
      collection: "open",
      container: "archival",
      bytes: signed,
      tags: ["signed"],
    });
    const arches = async (query: string) =>
      (await find(`value=archival&${query}`)).image
        .map(({ arch }: { arch: string }) => arch)
        .toSorted();
    expect(await arches("arch=arm64")).toEqual(["arm64"]);
    expect(await arches("arch=amd64,arm64")).toEqual(["amd64", "arm64"]);
    expect(await arches("signed=true")).toEqual(["amd64"]);
    expect(await arches("signed=false")).toEqual(["arm64"]);
    expect((await find("value=archival&arch=arm64")).container).toEqual([]);
  });

  it("shows private objects to their owner and to admins only", async () => {
    await push("needle-private", { isPrivate: true });
    const seen = async (as?: string) => names(await find("value=needle-private", as));
    expect(await seen(token)).toEqual(["needle-private"]);
    expect(await seen(site.adminToken)).toEqual(["needle-private"]);
    expect([await seen(otherToken), await seen()]).toEqual([[], []]);
    expect((await find("value=hidden", otherToken)).collection).toEqual([]);
  });

  it("does not show images without their bytes", async () => {
    seed += 1;
    const bytes = buildSif({ seed });
    await pushRaw(library, {
      token,
      entity: "ann",
      collection: "open",
      container: "needle-empty",
      bytes,
      recordOnly: true,
    });
    expect((await find("value=needle-empty", token)).image).toEqual([]);
  });

  it("returns empty lists for a search without hits", async () => {
    expect(await find("value=zzz-nothing")).toEqual({
      entity: [],
      collection: [],
      container: [],
      image: [],
    });
  });

  it.each(["%25%25%25", "___", "'''", "%22;drop table images;--"])(
    "takes %s literally",
    async (value) => {
      expect((await find(`value=${value}`)).image).toEqual([]);
    },
  );

  it.each([
    "",
    "value=",
    "value=ab",
    `value=${"a".repeat(257)}`,
    "value=abc&arch=A%20B",
    "value=abc&signed=maybe",
    "value=abc&limit=0",
    "value=abc&limit=x",
    "value=abc&after=zz",
  ])("refuses %j", async (query) => {
    expect((await get(`v1/search?${query}`)).error).toMatchObject({
      code: 400,
      reason: "bad-request",
    });
  });

  it("returns every hit on exactly one page", async () => {
    for (let count = 0; count < 7; count++) await push(`paged-${count}`);
    const found: string[] = [];
    let next = "";
    do {
      const reply = await get(`v1/search?value=paged-&limit=3&after=${next}`);
      const body = JSON.parse(reply.bytes.toString());
      found.push(...body.data.container.map(({ name }: { name: string }) => name));
      next = body.page.next;
    } while (next !== "");
    expect(found.toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `paged-${index}`));
  });
});
