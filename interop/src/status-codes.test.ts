import { createHash } from "node:crypto";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type OldClient, withStatus, idOf, oldClient } from "./old-client.js";
import { type RunningLibrary, startLibrary } from "./running-library.js";

const CREATED = [200, 201] as const;
const COMPLETED = { quota: { quotaTotal: expect.any(Number), quotaUsage: expect.any(Number) } };

interface Upload {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly imageId: string;
  readonly path: string;
}

/** The statuses and bodies that Go clients require, which differ from call to call. */
describe("status codes", () => {
  let library: RunningLibrary;
  let alice: OldClient;
  let nobody: OldClient;
  let collectionId: string;
  let uploads = 0;

  beforeAll(async () => {
    library = await startLibrary();
    alice = oldClient(library.url, `Bearer ${await library.addUser("alice")}`);
    nobody = oldClient(library.url, undefined);
    const entity = await create("entities", { name: "alice" });
    collectionId = await create("collections", { name: "codes", entity });
  });

  afterAll(async () => {
    await library?.stop();
  });

  /** Creates an object and returns its id. */
  async function create(kind: string, body: object): Promise<string> {
    return idOf(withStatus(await alice.json("POST", `/v1/${kind}`, body), ...CREATED));
  }

  /** Creates a container with an image record for new bytes that are not uploaded yet. */
  async function announce(payloadBytes = 5000): Promise<Upload> {
    uploads += 1;
    const name = `upload-${uploads}`;
    const bytes = buildSif({ seed: 1000 + uploads, payloadBytes });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const container = await create("containers", { name, collection: collectionId });
    const imageId = await create("images", { hash: `sha256.${sha256}`, container });
    return { bytes, sha256, imageId, path: `alice/codes/${name}` };
  }

  async function isUploaded({ path, sha256 }: Upload): Promise<boolean> {
    const { data } = await alice.json("GET", `/v1/images/${path}:sha256.${sha256}?arch=amd64`);
    return data?.["uploaded"] === true;
  }

  /** Starts the upload and returns the URL for the bytes. */
  async function startSingle({ imageId, bytes, sha256 }: Upload): Promise<string> {
    const md5sum = createHash("md5").update(bytes).digest("hex");
    const body = { filesize: bytes.length, md5sum, sha256sum: sha256 };
    const reply = await alice.json("POST", `/v2/imagefile/${imageId}`, body);
    return String(withStatus(reply, ...CREATED).data?.["uploadURL"]);
  }

  /** Sends the bytes as the Go client does: without Authorization. */
  async function sendSingle(url: string, body: Uint8Array): Promise<number> {
    const headers = { "Content-Type": "application/octet-stream" };
    return (await nobody.raw("PUT", url, { headers, body })).status;
  }

  describe("of lookups", () => {
    it.each(["entities/alice", "collections/alice/codes"])("are 200 for %s", async (path) => {
      expect(await nobody.json("GET", `/v1/${path}`)).toMatchObject({ status: 200, data: {} });
    });

    it.each([
      "entities/none",
      "collections/alice/none",
      "collections/none/none",
      "containers/alice/codes/none",
      "images/alice/codes/none:latest?arch=amd64",
      "imagefile/alice/codes/none:latest?arch=amd64",
    ])("are 404 for %s, with a message", async (path) => {
      const { status, error } = await nobody.json("GET", `/v1/${path}`);
      expect(status).toBe(404);
      expect(error).toMatchObject({ code: 404, message: expect.stringMatching(/\w/) });
    });

    it("are 200 with empty lists for a search without hits", async () => {
      const { status, data } = await nobody.json("GET", "/v1/search?value=nothing-like-it");
      expect(status).toBe(200);
      expect(Object.keys(data ?? {}).toSorted()).toEqual([
        "collection",
        "container",
        "entity",
        "image",
      ]);
      expect(Object.values(data ?? {}).map((list) => list ?? [])).toEqual([[], [], [], []]);
    });

    it("are 200 for the version, also at once and with an empty token", async () => {
      const replies = await Promise.all(
        [undefined, "Bearer"].map(
          async (header) => await oldClient(library.url, header).json("GET", "/version"),
        ),
      );
      for (const { status, data } of replies) {
        expect(status).toBe(200);
        expect(data?.["apiVersion"]).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      }
    });
  });

  describe("of a single upload", () => {
    it("are 200 for the bytes and for the completion, with the whole reply", async () => {
      const upload = await announce();
      const url = await startSingle(upload);
      expect(url.startsWith(`${library.url}/`)).toBe(true);
      expect(await sendSingle(url, upload.bytes)).toBe(200);
      const done = await alice.json("PUT", `/v2/imagefile/${upload.imageId}/_complete`, {});
      expect(done.status).toBe(200);
      expect(done.data).toMatchObject(COMPLETED);
      expect(done.data?.["containerUrl"]).toMatch(new RegExp(`${upload.path}$`));
      expect(await isUploaded(upload)).toBe(true);
    });

    it("are 200 for a completion that is repeated", async () => {
      const upload = await announce();
      expect(await sendSingle(await startSingle(upload), upload.bytes)).toBe(200);
      const complete = async () =>
        await alice.json("PUT", `/v2/imagefile/${upload.imageId}/_complete`, {});
      const first = await complete();
      expect(first.status).toBe(200);
      expect(await complete()).toEqual(first);
    });

    it("accepts an MD5 alone, as clients before multipart send it", async () => {
      const upload = await announce();
      const md5sum = createHash("md5").update(upload.bytes).digest("hex");
      const body = { filesize: upload.bytes.length, md5sum };
      const started = await alice.json("POST", `/v2/imagefile/${upload.imageId}`, body);
      withStatus(started, ...CREATED);
      expect(await sendSingle(String(started.data?.["uploadURL"]), upload.bytes)).toBe(200);
      const done = await alice.json("PUT", `/v2/imagefile/${upload.imageId}/_complete`, {});
      expect(done.status).toBe(200);
    });

    it("are errors for wrong, missing and surplus bytes, which leave the upload usable", async () => {
      const upload = await announce();
      const url = await startSingle(upload);
      const wrong = Uint8Array.from(upload.bytes, (byte, at) => (at === 4096 ? byte ^ 1 : byte));
      for (const body of [wrong, upload.bytes.subarray(1), Buffer.concat([upload.bytes, wrong])]) {
        expect(await sendSingle(url, body)).toBeGreaterThanOrEqual(400);
        const early = await alice.json("PUT", `/v2/imagefile/${upload.imageId}/_complete`, {});
        expect(early.status).toBeGreaterThanOrEqual(400);
        expect(early.status).not.toBe(404);
        expect(await isUploaded(upload)).toBe(false);
      }
      expect(await sendSingle(url, upload.bytes)).toBe(200);
      const done = await alice.json("PUT", `/v2/imagefile/${upload.imageId}/_complete`, {});
      expect(done.status).toBe(200);
    });

    it("is refused on a changed URL", async () => {
      const upload = await announce();
      const other = await announce();
      const url = new URL(await startSingle(upload));
      const otherUrl = new URL(await startSingle(other));
      const swapped = new URL(`${url.pathname}${otherUrl.search}`, library.url).href;
      expect(await sendSingle(swapped, upload.bytes)).toBeGreaterThanOrEqual(400);
      expect(
        await sendSingle(new URL(url.pathname, library.url).href, upload.bytes),
      ).toBeGreaterThanOrEqual(400);
      expect(await isUploaded(upload)).toBe(false);
    });
  });

  describe("of a multipart upload", () => {
    const LARGE_BYTES = 40 * 2 ** 20;

    interface Multipart {
      readonly upload: Upload;
      readonly at: string;
      readonly uploadID: string;
      readonly partSize: number;
      readonly totalParts: number;
      readonly isS3Compliant: boolean;
    }

    async function start(): Promise<Multipart> {
      const upload = await announce(LARGE_BYTES);
      const at = `/v2/imagefile/${upload.imageId}/_multipart`;
      const filesize = upload.bytes.length;
      const { data } = withStatus(await alice.json("POST", at, { filesize }), ...CREATED);
      expect(data).toMatchObject({
        uploadID: expect.stringMatching(/\w/),
        totalParts: Math.ceil(filesize / Number(data?.["partSize"])),
      });
      const options = (data?.["options"] ?? {}) as Readonly<Record<string, unknown>>;
      const s3compliant = options["s3compliant"] ?? "";
      expect(s3compliant).toEqual(expect.any(String));
      return {
        upload,
        at,
        uploadID: String(data?.["uploadID"]),
        partSize: Number(data?.["partSize"]),
        totalParts: Number(data?.["totalParts"]),
        isS3Compliant: s3compliant === "" || s3compliant === "true",
      };
    }

    function partOf({ upload, partSize }: Multipart, partNumber: number): Uint8Array {
      return upload.bytes.subarray((partNumber - 1) * partSize, partNumber * partSize);
    }

    /** Requests the URL of a part, with the body that the Go client sends. */
    async function ask(multipart: Multipart, partNumber: number) {
      const bytes = partOf(multipart, partNumber);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const sha256sum = multipart.isS3Compliant ? sha256 : "";
      const body = { partSize: bytes.length, uploadID: multipart.uploadID, partNumber, sha256sum };
      return await alice.json("PUT", multipart.at, body);
    }

    /**
     * Sends a part as the Go client does, without Authorization and Content-Type, and returns its
     * token.
     */
    async function sendPart(multipart: Multipart, partNumber: number): Promise<string> {
      const asked = withStatus(await ask(multipart, partNumber), 200);
      const body = partOf(multipart, partNumber);
      const reply = await nobody.raw("PUT", String(asked.data?.["presignedURL"]), { body });
      expect(reply.status).toBe(200);
      return reply.headers.etag ?? "";
    }

    async function sendAll(multipart: Multipart) {
      const completedParts: { partNumber: number; token: string }[] = [];
      for (let partNumber = 1; partNumber <= multipart.totalParts; partNumber += 1) {
        completedParts.push({ partNumber, token: await sendPart(multipart, partNumber) });
      }
      return { uploadID: multipart.uploadID, completedParts };
    }

    it("are 200 for every part and for the completion, with the whole reply", async () => {
      const multipart = await start();
      expect(multipart.totalParts).toBeGreaterThan(1);
      const completion = await sendAll(multipart);
      const done = withStatus(await alice.json("PUT", `${multipart.at}_complete`, completion), 200);
      expect(done.data).toMatchObject(COMPLETED);
      expect(done.data?.["containerUrl"]).toMatch(new RegExp(`${multipart.upload.path}$`));
      expect(await isUploaded(multipart.upload)).toBe(true);
    });

    it("are 200 or 204 for an abort, and never 404 after it", async () => {
      const multipart = await start();
      await sendPart(multipart, 1);
      const { uploadID } = multipart;
      const aborted = await alice.raw("PUT", `${multipart.at}_abort`, {
        body: JSON.stringify({ uploadID }),
      });
      expect([200, 204]).toContain(aborted.status);
      const part = await ask(multipart, 2);
      const completion = { uploadID, completedParts: [] };
      const done = await alice.json("PUT", `${multipart.at}_complete`, completion);
      for (const { status } of [part, done]) {
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).not.toBe(404);
      }
      expect(await isUploaded(multipart.upload)).toBe(false);
    });

    it("are never 404 for a completion with parts missing, or of an unknown upload", async () => {
      const multipart = await start();
      const token = await sendPart(multipart, 1);
      for (const uploadID of [multipart.uploadID, "0".repeat(24), "unknown"]) {
        const body = { uploadID, completedParts: [{ partNumber: 1, token }] };
        const { status } = await alice.json("PUT", `${multipart.at}_complete`, body);
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).not.toBe(404);
      }
      expect(await isUploaded(multipart.upload)).toBe(false);
    });
  });

  describe("of a deletion", () => {
    it("are exactly 200, then 404", async () => {
      const { path, sha256, bytes, imageId } = await announce();
      expect((await alice.raw("POST", `/v1/imagefile/${imageId}`, { body: bytes })).status).toBe(
        200,
      );
      const ref = `/v1/images/${path}:sha256.${sha256}?arch=amd64`;
      expect((await nobody.json("DELETE", ref)).status).toBe(401);
      expect((await alice.raw("DELETE", ref)).status).toBe(200);
      expect((await alice.json("DELETE", ref)).status).toBe(404);
    });
  });
});
