import { createHash } from "node:crypto";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type OldClient, withStatus, idOf, oldClient } from "./old-client.js";
import type { RawReply } from "./raw-request.js";
import { type RunningLibrary, startLibrary } from "./running-library.js";
import { zeroValuedModel } from "./zero-valued-model.js";

const CREATED = [200, 201] as const;
const ID = /^[0-9a-f]{24}$/;
const AMD64 = testImage(11, "amd64");
const ARM64 = testImage(12, "arm64");

interface TestImage {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly hash: string;
}

function testImage(seed: number, arch: "amd64" | "arm64"): TestImage {
  const bytes = buildSif({ seed, arch, payloadBytes: 20_000 });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { bytes, sha256, hash: `sha256.${sha256}` };
}

describe("old clients", () => {
  let library: RunningLibrary;
  let alice: OldClient;
  let nobody: OldClient;
  let token: string;

  beforeAll(async () => {
    library = await startLibrary();
    token = await library.addUser("alice");
    alice = oldClient(library.url, `BEARER ${token}`);
    nobody = oldClient(library.url, undefined);
  });

  afterAll(async () => {
    await library?.stop();
  });

  /** Creates an object with the whole model as the body and returns the id. */
  async function create(
    kind: Parameters<typeof zeroValuedModel>[0],
    set: Readonly<Record<string, unknown>>,
    client = alice,
  ): Promise<string> {
    const reply = await client.json("POST", `/v1/${kind}`, zeroValuedModel(kind, set));
    return idOf(withStatus(reply, ...CREATED));
  }

  /** Creates entity, collection and container; returns the container's id. */
  async function createContainer(path: string, client = alice): Promise<string> {
    const [entity, collection, name] = path.split("/");
    const entityId = await create("entities", { name: entity }, client);
    const collectionId = await create(
      "collections",
      { name: collection, entity: entityId },
      client,
    );
    return await create("containers", { name, collection: collectionId }, client);
  }

  /** Pushes as SingularityCE 3.2 does: bytes in one POST, tags without arch. */
  async function pushV1(image: TestImage, path: string, tags: readonly string[], client = alice) {
    const containerId = await createContainer(path, client);
    const imageId = await create("images", { hash: image.hash, container: containerId }, client);
    const upload = await client.raw("POST", `/v1/imagefile/${imageId}`, { body: image.bytes });
    expect(upload.status).toBe(200);
    for (const tag of tags) {
      const set = { Tag: tag, ImageID: imageId };
      withStatus(await client.json("POST", `/v1/tags/${containerId}`, set), 200);
    }
    return { containerId, imageId };
  }

  /** Returns the hash of the image that the query finds. */
  async function hashOfArches(query: string): Promise<unknown> {
    const { data } = await nobody.json("GET", `/v1/images/v1/arches/image:latest${query}`);
    return data?.["hash"];
  }

  describe("JSON bodies", () => {
    it("are read without a Content-Type, and with any", async () => {
      const body = JSON.stringify({ name: "typed", description: "No description" });
      const types = [undefined, "application/json", "application/json; charset=utf-8"];
      for (const type of [...types, "application/octet-stream", "text/plain"]) {
        const headers: Record<string, string> = type === undefined ? {} : { "Content-Type": type };
        const reply = await alice.raw("POST", "/v1/entities", { headers, body });
        expect(CREATED).toContain(reply.status);
      }
    });

    it("of whole models create with the fields that are set and ignore the rest", async () => {
      const body = zeroValuedModel("entities", { name: "dumped", description: "No description" });
      const { data } = await alice.json("POST", "/v1/entities", body);
      expect(data).toMatchObject({ name: "dumped", description: "No description", deleted: false });
      expect(data?.["id"]).toMatch(ID);
      expect(Date.parse(String(data?.["createdAt"]))).toBeGreaterThan(Date.parse("2020-01-01"));
    });

    it("create the same object again when repeated, also at once", async () => {
      const ids = await Promise.all(
        Array.from({ length: 8 }, async () => await createContainer("twice/coll/name")),
      );
      expect(new Set(ids).size).toBe(1);
      expect(ids[0]).toMatch(ID);
    });
  });

  describe("Authorization", () => {
    it.each(["Bearer", "Bearer ", "BEARER", "bearer"])(
      "of '%s' alone is anonymous",
      async (header) => {
        const client = oldClient(library.url, header);
        expect((await client.json("GET", "/v1/entities/library")).status).toBe(200);
        expect((await client.json("GET", "/v1/search?value=alpine")).status).toBe(200);
        expect((await client.json("GET", "/v1/images/none/none/none:latest")).status).toBe(404);
        expect((await client.json("POST", "/v1/entities", { name: "nope" })).status).toBe(401);
      },
    );

    it.each(["Bearer", "BEARER", "bearer"])("takes the scheme as %s", async (scheme) => {
      const client = oldClient(library.url, `${scheme} ${token}`);
      const body = zeroValuedModel("entities", { name: "schemes" });
      expect(CREATED).toContain((await client.json("POST", "/v1/entities", body)).status);
    });

    it("refuses a wrong token with a message", async () => {
      const reply = await oldClient(library.url, "BEARER wrong").json(
        "GET",
        "/v1/entities/library",
      );
      expect(reply.status).toBe(401);
      expect(reply.error).toMatchObject({ code: 401, message: expect.stringMatching(/\w/) });
    });
  });

  describe("a push over v1", () => {
    it.each([undefined, "application/octet-stream"])(
      "takes the bytes with the Content-Type %s",
      async (type) => {
        const path = `v1/${type === undefined ? "untyped" : "typed"}/image`;
        const containerId = await createContainer(path);
        const imageId = await create("images", { hash: AMD64.hash, container: containerId });
        const headers: Record<string, string> = type === undefined ? {} : { "Content-Type": type };
        const sent = { headers, body: AMD64.bytes };
        expect((await alice.raw("POST", `/v1/imagefile/${imageId}`, sent)).status).toBe(200);
        const { data } = await nobody.json("GET", `/v1/images/${path}:${AMD64.hash}`);
        expect(data).toMatchObject({ id: imageId, uploaded: true, size: AMD64.bytes.length });
      },
    );

    it("sets tags of both kinds", async () => {
      const { containerId, imageId } = await pushV1(AMD64, "v1/tags/image", ["latest", "1.0"]);
      const plain = await nobody.json("GET", `/v1/tags/${containerId}`);
      expect(plain).toMatchObject({ status: 200, data: { latest: imageId, "1.0": imageId } });
      const byArch = await nobody.json("GET", `/v2/tags/${containerId}`);
      expect(byArch.data).toEqual({ amd64: { latest: imageId, "1.0": imageId } });
    });

    it("is found without an arch as the last one tagged, and with an arch as its own", async () => {
      await pushV1(AMD64, "v1/arches/image", ["latest"]);
      await pushV1(ARM64, "v1/arches/image", ["latest"]);
      expect(await hashOfArches("")).toBe(ARM64.hash);
      expect(await hashOfArches("?arch=")).toBe(ARM64.hash);
      expect(await hashOfArches("?arch=amd64")).toBe(AMD64.hash);
      expect(await hashOfArches("?arch%3Damd64")).toBe(AMD64.hash);
      expect(await hashOfArches("?arch=arm64")).toBe(ARM64.hash);
    });

    it.each(["", "?arch=", "?arch=amd64", "?arch%3Damd64"])(
      "is downloaded with the arch given as '%s'",
      async (query) => {
        await pushV1(AMD64, "v1/download/image", ["latest"]);
        const path = `/v1/imagefile/v1/download/image:latest${query}`;
        const { headers } = await nobody.raw("GET", path);
        const { body } = await nobody.raw("GET", String(headers.location));
        expect(body.equals(AMD64.bytes)).toBe(true);
      },
    );

    it("is refused when the bytes differ from the announced ones, and can then be repeated", async () => {
      const containerId = await createContainer("v1/wrong/image");
      const imageId = await create("images", { hash: AMD64.hash, container: containerId });
      const wrong = await alice.raw("POST", `/v1/imagefile/${imageId}`, { body: ARM64.bytes });
      expect(wrong.status).toBeGreaterThanOrEqual(400);
      const right = await alice.raw("POST", `/v1/imagefile/${imageId}`, { body: AMD64.bytes });
      expect(right.status).toBe(200);
    });

    it("is refused to others", async () => {
      const containerId = await createContainer("v1/guarded/image");
      const imageId = await create("images", { hash: AMD64.hash, container: containerId });
      const bob = oldClient(library.url, `BEARER ${await library.addUser("bob")}`);
      for (const [client, status] of [
        [nobody, 401],
        [bob, 403],
      ] as const) {
        const reply = await client.raw("POST", `/v1/imagefile/${imageId}`, { body: AMD64.bytes });
        expect(reply.status).toBe(status);
      }
    });
  });

  describe("tags", () => {
    let containerId: string;
    let imageId: string;

    beforeAll(async () => {
      ({ containerId, imageId } = await pushV1(AMD64, "tags/of/image", []));
    });

    it.each(["v1", "v2"])("of a new container are an empty %s list, not 404", async (version) => {
      const empty = await createContainer(`tags/empty/${version}`);
      const { status, data } = await alice.json("GET", `/${version}/tags/${empty}`);
      expect(status).toBe(200);
      expect(data ?? {}).toEqual({});
    });

    it.each([
      { Arch: "amd64", Tag: "upper" },
      { arch: "amd64", tag: "lower" },
    ])("are set with exactly 200 by %o", async (keys) => {
      const name = Object.values(keys)[1];
      const body = "Tag" in keys ? { ...keys, ImageID: imageId } : { ...keys, imageID: imageId };
      expect((await alice.json("POST", `/v2/tags/${containerId}`, body)).status).toBe(200);
      const found = await nobody.json("GET", `/v1/images/tags/of/image:${name}?arch=amd64`);
      expect(found.data).toMatchObject({ id: imageId });
    });

    it.each(["", "No Tag", "../up", "a:b", "ä", "x".repeat(5000), "a/b", "new\nline"])(
      "of the text %j are refused with 400 and a message",
      async (tag) => {
        const sets: readonly (readonly [string, object])[] = [
          ["v1", { Tag: tag, ImageID: imageId }],
          ["v2", { Arch: "amd64", Tag: tag, ImageID: imageId }],
        ];
        for (const [version, body] of sets) {
          const { status, error } = await alice.json(
            "POST",
            `/${version}/tags/${containerId}`,
            body,
          );
          expect(status).toBe(400);
          expect(error?.message).toMatch(/\w/);
        }
      },
    );
  });

  describe("refs", () => {
    beforeAll(async () => {
      const owner = oldClient(library.url, `Bearer ${library.adminToken}`);
      await pushV1(AMD64, "library/default/short", ["1.0"], owner);
    });

    const tagged = ["short:1.0", "default/short:1.0", "library/default/short:1.0", "short%3A1.0"];
    const byHash = [`short:${AMD64.hash}`, `library/default/short:${AMD64.hash}`];

    it.each([...tagged, ...byHash])("find the image as %s", async (ref) => {
      const image = await nobody.json("GET", `/v1/images/${ref}?arch=amd64`);
      expect(image).toMatchObject({ status: 200, data: { hash: AMD64.hash } });
      const file = await nobody.raw("GET", `/v1/imagefile/${ref}?arch=amd64`);
      expect([200, 303]).toContain(file.status);
    });

    it("find the image by the UUID in its header", async () => {
      const hex = Buffer.from(AMD64.bytes.subarray(48, 64)).toString("hex");
      const uuid = hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
      const { data } = await nobody.json("GET", `/v1/images/short:sif.${uuid}?arch=amd64`);
      expect(data).toMatchObject({ hash: AMD64.hash });
    });

    it.each(["//v1/images/short:1.0", "/v1//images/short:1.0", "/v1/images//short:1.0"])(
      "lead to the image with doubled slashes, as %s",
      async (path) => {
        const { data } = await nobody.json("GET", `${path}?arch=amd64`);
        expect(data).toMatchObject({ hash: AMD64.hash });
      },
    );

    it.each([`sha256.${"0".repeat(64)}`, "sif.12345678-1234-1234-1234-123456789abc", "none"])(
      "to nothing are 404 for %s",
      async (tag) => {
        const { status, error } = await nobody.json("GET", `/v1/images/short:${tag}?arch=amd64`);
        expect(status).toBe(404);
        expect(error).toMatchObject({ code: 404 });
      },
    );
  });

  describe("an image under another arch", () => {
    it("is the same image when created again", async () => {
      const { containerId, imageId } = await pushV1(AMD64, "other/arch/image", ["latest"]);
      const again = await create("images", { hash: AMD64.hash, container: containerId });
      expect(again).toBe(imageId);
      const { data } = await alice.json("GET", `/v1/images/other/arch/image:${AMD64.hash}`);
      expect(data).toMatchObject({ id: imageId, uploaded: true });
    });

    it("is not found by its tag before it is uploaded", async () => {
      const containerId = await createContainer("not/yet/uploaded");
      const imageId = await create("images", { hash: AMD64.hash, container: containerId });
      const set = { Arch: "amd64", Tag: "latest", ImageID: imageId };
      await alice.json("POST", `/v2/tags/${containerId}`, set);
      const found = await alice.json("GET", "/v1/images/not/yet/uploaded:latest?arch=amd64");
      expect(found.status).toBe(404);
      const file = await alice.json("GET", "/v1/imagefile/not/yet/uploaded:latest?arch=amd64");
      expect(file.status).toBe(404);
    });
  });

  describe("a download", () => {
    let redirect: RawReply;
    let location: string;

    beforeAll(async () => {
      await pushV1(AMD64, "down/load/image", ["latest"]);
      redirect = await nobody.raw("GET", "/v1/imagefile/down/load/image:latest?arch=amd64");
      location = String(redirect.headers.location);
    });

    it("is redirected with 303 to an absolute URL", () => {
      expect(redirect.status).toBe(303);
      expect(location.startsWith(`${library.url}/`)).toBe(true);
    });

    it.each([
      undefined,
      "Bearer",
      "Bearer garbage-of-another-service",
      "BEARER garbage",
      "Basic dXNlcjpwYXNz",
      "AWS4-HMAC-SHA256 Credential=x",
    ])("ignores the Authorization %s on that URL", async (authorization) => {
      const client = oldClient(library.url, authorization);
      const { status, body, headers } = await client.raw("GET", location);
      expect(status).toBe(200);
      expect(headers["content-encoding"]).toBeUndefined();
      expect(headers["content-length"]).toBe(String(AMD64.bytes.length));
      expect(body.equals(AMD64.bytes)).toBe(true);
    });

    it.each([
      { range: "bytes=0-1024", start: 0, end: 1024 },
      { range: "bytes=0-0", start: 0, end: 0 },
      { range: "bytes=100-199", start: 100, end: 199 },
    ])("returns exactly these bytes for $range", async ({ range, start, end }) => {
      const { status, headers, body } = await nobody.raw("GET", location, {
        headers: { Range: range },
      });
      expect(status).toBe(206);
      expect(headers["content-range"]).toBe(`bytes ${start}-${end}/${AMD64.bytes.length}`);
      expect(body.equals(AMD64.bytes.subarray(start, end + 1))).toBe(true);
    });

    it("returns the existing bytes for a range beyond the end", async () => {
      const start = AMD64.bytes.length - 10;
      const headers = { Range: `bytes=${start}-${start + 1023}` };
      const reply = await nobody.raw("GET", location, { headers });
      expect(reply.status).toBe(206);
      expect(reply.headers["content-range"]).toBe(
        `bytes ${start}-${start + 9}/${AMD64.bytes.length}`,
      );
      expect(reply.body.equals(AMD64.bytes.subarray(start))).toBe(true);
    });

    it("is refused when the URL was changed", async () => {
      const url = new URL(location);
      for (const name of url.searchParams.keys()) {
        const forged = new URL(url);
        forged.searchParams.set(name, `1${url.searchParams.get(name)}`);
        const { status, body } = await nobody.raw("GET", forged.href);
        expect({ name, isRefused: status >= 400, size: body.length }).not.toMatchObject({
          isRefused: false,
        });
      }
      const { status } = await nobody.raw("GET", url.pathname);
      expect(status).toBeGreaterThanOrEqual(400);
    });
  });

  describe("delete", () => {
    it("reads an arch that is appended to its key", async () => {
      await pushV1(AMD64, "delete/glued/image", ["latest"]);
      await pushV1(ARM64, "delete/glued/image", ["latest"]);
      const ref = "/v1/images/delete/glued/image:latest";
      expect((await alice.raw("DELETE", `${ref}?arch%3Damd64`)).status).toBe(200);
      expect((await alice.json("GET", `${ref}?arch=amd64`)).status).toBe(404);
      expect((await alice.json("GET", `${ref}?arch=arm64`)).data).toMatchObject({
        hash: ARM64.hash,
      });
    });
  });

  describe("unsupported requests", () => {
    it("return 404 for the registry negotiation", async () => {
      for (const query of [
        "accessTypes=pull&mapped=1&namespace=short",
        "accessTypes=pull%2Cpush",
      ]) {
        expect((await alice.raw("GET", `/v1/oci-redirect?${query}`)).status).toBe(404);
      }
    });

    it.each(["/", "/assets/config/config.prod.json", "/v1/nothing", "/nothing", "/v2/"])(
      "never returns a page for %s",
      async (path) => {
        const { status, headers } = await nobody.raw("GET", path);
        expect(`${status} ${headers["content-type"]}`).not.toMatch(/^200 text\/html/);
      },
    );
  });
});
