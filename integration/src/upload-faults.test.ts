import { existsSync, readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RawLibrary, type RawPushed, pushRaw, rawLibrary, sha256Hex } from "./raw-library.js";
import { runServerCommand } from "./server-process.js";
import { type TestLibrary, startTestLibrary } from "./test-library.js";

let site: TestLibrary;
let library: RawLibrary;
let token: string;
let otherToken: string;
let aheadMs = 0;
let seed = 5000;

beforeAll(async () => {
  site = await startTestLibrary({
    maxImageBytes: 8 * 1024 * 1024,
    now: () => Date.now() + aheadMs,
  });
  library = rawLibrary(site.url);
  token = await (await site.addUser("ann")).createToken("write");
  otherToken = await (await site.addUser("bob")).createToken("write");
});

afterAll(() => site.close());

interface Awaited {
  readonly bytes: Uint8Array;
  readonly pushed: RawPushed;
  readonly ref: string;
}

/** An image record whose bytes have not arrived. */
async function awaitImage(bytes?: Uint8Array, as = { token, entity: "ann" }): Promise<Awaited> {
  seed += 1;
  const file = bytes ?? buildSif({ seed, payloadBytes: 100_000 });
  const container = `n${seed}`;
  const pushed = await pushRaw(library, {
    ...as,
    collection: "c",
    container,
    bytes: file,
    recordOnly: true,
  });
  return { bytes: file, pushed, ref: `${as.entity}/c/${container}:${pushed.hash}` };
}

const startSingle = async ({ pushed, bytes }: Awaited): Promise<string> => {
  const json = { filesize: bytes.length, sha256sum: sha256Hex(bytes) };
  const reply = await library.send("POST", `v2/imagefile/${pushed.imageId}`, { token, json });
  return reply.data.uploadURL;
};

const isUploaded = async ({ ref }: Awaited) =>
  (await library.send("GET", `v1/images/${ref}`, { token })).data.uploaded;

/** After a fault nothing is served, and the correct push succeeds. */
async function expectUnharmed(image: Awaited): Promise<void> {
  expect(await isUploaded(image)).toBe(false);
  expect((await library.send("GET", `v1/imagefile/${image.ref}`, { token })).status).toBe(404);
  const path = `v1/imagefile/${image.pushed.imageId}`;
  expect((await library.send("POST", path, { token, body: image.bytes })).status).toBe(200);
  const redirect = await library.send("GET", `v1/imagefile/${image.ref}`, { token });
  const file = await library.send("GET", redirect.headers.get("location") ?? "");
  expect(sha256Hex(file.bytes)).toBe(sha256Hex(image.bytes));
}

/** Sends bytes unchanged over a bare socket and closes; returns the reply. */
function sendRaw(text: string, body: Uint8Array, end: "end" | "destroy" = "end"): Promise<string> {
  const { hostname, port } = new URL(site.url);
  return new Promise((resolve, reject) => {
    let reply = "";
    const socket = connect(Number(port), hostname, () => {
      socket.write(text);
      socket.write(body, () => (end === "end" ? socket.end() : socket.destroy()));
    });
    socket.on("data", (chunk) => (reply += chunk.toString("latin1")));
    socket.on("close", () => resolve(reply));
    socket.on("error", reject);
  });
}

const tamper = (bytes: Uint8Array) => {
  const changed = Uint8Array.from(bytes);
  changed[changed.length - 1]! ^= 1;
  return changed;
};

describe("an upload in one request", () => {
  const post = ({ pushed }: Awaited, options: object) =>
    library.send("POST", `v1/imagefile/${pushed.imageId}`, { token, ...options });

  it("is refused when the bytes do not match the hash", async () => {
    const image = await awaitImage();
    expect((await post(image, { body: tamper(image.bytes) })).error).toMatchObject({
      code: 422,
      reason: "digest-mismatch",
    });
    await expectUnharmed(image);
  });

  it("is refused when it is compressed", async () => {
    const image = await awaitImage();
    const options = { body: gzipSync(image.bytes), headers: { "content-encoding": "gzip" } };
    expect((await post(image, options)).error).toMatchObject({
      code: 415,
      reason: "unsupported-encoding",
    });
    await expectUnharmed(image);
  });

  it("is refused when it is larger than the site allows", async () => {
    const image = await awaitImage(new Uint8Array(8 * 1024 * 1024 + 1));
    expect((await post(image, { body: image.bytes })).error).toMatchObject({
      code: 413,
      reason: "too-large",
    });
  });

  it("is refused without a length", async () => {
    const image = await awaitImage();
    const reply = await sendRaw(
      `POST /v1/imagefile/${image.pushed.imageId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      Buffer.from("5\r\nhello\r\n0\r\n\r\n"),
    );
    expect(reply).toMatch(/^HTTP\/1\.1 411 /);
    await expectUnharmed(image);
  });

  it.each(["end", "destroy"] as const)(
    "leaves nothing when the connection breaks half-way (%s)",
    async (end) => {
      const image = await awaitImage();
      await sendRaw(
        `POST /v1/imagefile/${image.pushed.imageId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${image.bytes.length}\r\n\r\n`,
        image.bytes.subarray(0, image.bytes.length / 2),
        end,
      ).catch(() => "");
      await expectUnharmed(image);
    },
  );

  it.each([
    ["text", Buffer.from("hello, this is no image".repeat(1000))],
    ["an HTML page", Buffer.from("<!doctype html><title>504 Gateway Timeout</title>".padEnd(5000))],
    ["a SIF cut off in its table", Buffer.from(buildSif({ seed: 1 })).subarray(0, 5000)],
    ["a single byte", Buffer.from("x")],
  ])("is refused when it is %s", async (_, bytes) => {
    const image = await awaitImage(bytes);
    expect((await post(image, { body: bytes })).error).toMatchObject({
      code: 422,
      reason: "not-a-sif",
    });
    expect(await isUploaded(image)).toBe(false);
  });
});

describe("a signed upload URL", () => {
  const put = (url: string, body: Uint8Array) => library.send("PUT", url, { body });

  it("needs no token, and ignores one that is sent", async () => {
    const image = await awaitImage();
    const url = await startSingle(image);
    const sent = await library.send("PUT", url, { body: image.bytes, token: "someone-elses" });
    expect(sent.status).toBe(200);
    expect(await isUploaded(image)).toBe(false);
    const done = await library.send("PUT", `v2/imagefile/${image.pushed.imageId}/_complete`, {
      token,
      json: {},
    });
    expect(done.data).toMatchObject({
      containerUrl: expect.stringMatching(/^library\/ann\/c\//),
      quota: { quotaTotal: 0 },
    });
    expect(await isUploaded(image)).toBe(true);
  });

  it.each(["key", "expires", "size", "sha256", "token", "signature"])(
    "is refused when its %s is changed",
    async (name) => {
      const image = await awaitImage();
      const url = new URL(await startSingle(image));
      const value = url.searchParams.get(name) ?? "";
      url.searchParams.set(
        name,
        /^\d+$/.test(value)
          ? String(Number(value) + 1)
          : value.replace(/^./, (char) => (char === "0" ? "1" : "0")),
      );
      expect((await put(url.href, image.bytes)).error).toMatchObject({
        code: 403,
        reason: "forbidden",
      });
      url.searchParams.delete(name);
      expect((await put(url.href, image.bytes)).error).toMatchObject({
        code: 403,
        reason: "forbidden",
      });
      await expectUnharmed(image);
    },
  );

  it("is refused for another upload", async () => {
    const [one, two] = [await awaitImage(), await awaitImage()];
    const [urlOne, urlTwo] = [new URL(await startSingle(one)), new URL(await startSingle(two))];
    urlOne.pathname = urlTwo.pathname;
    expect((await put(urlOne.href, one.bytes)).error).toMatchObject({ code: 403 });
    await expectUnharmed(two);
  });

  it("is refused when it has expired", async () => {
    const image = await awaitImage();
    const url = await startSingle(image);
    aheadMs = 25 * 3_600_000;
    try {
      expect((await put(url, image.bytes)).error).toMatchObject({ code: 403, reason: "forbidden" });
    } finally {
      aheadMs = 0;
    }
  });

  it("is refused once its token is revoked", async () => {
    const image = await awaitImage();
    const made = JSON.parse(
      await runServerCommand(
        "token",
        "create",
        "ann",
        "--data",
        site.folder,
        "--scope",
        "write",
        "--json",
      ),
    );
    const json = { filesize: image.bytes.length };
    const started = await library.send("POST", `v2/imagefile/${image.pushed.imageId}`, {
      token: made.token,
      json,
    });
    await runServerCommand("token", "revoke", made.id, "--data", site.folder);
    expect((await put(started.data.uploadURL, image.bytes)).error).toMatchObject({
      code: 401,
      reason: "unauthorized",
    });
    await expectUnharmed(image);
  });

  it.each([
    ["short", (bytes: Uint8Array) => bytes.subarray(1), "size-mismatch"],
    ["long", (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from("x")]), "size-mismatch"],
    ["wrong", tamper, "digest-mismatch"],
  ])("refuses %s bytes and takes the right ones afterwards", async (_, change, reason) => {
    const image = await awaitImage();
    const url = await startSingle(image);
    expect((await put(url, change(image.bytes))).error).toMatchObject({ code: 422, reason });
    expect((await put(url, image.bytes)).status).toBe(200);
    await expectUnharmed(image);
  });
});

describe("an upload in parts", () => {
  const path = ({ pushed }: Awaited, end = "") => `v2/imagefile/${pushed.imageId}/_multipart${end}`;
  const start = async (image: Awaited, as = token) =>
    (await library.send("POST", path(image), { token: as, json: { filesize: image.bytes.length } }))
      .data.uploadID;
  const ask = (image: Awaited, uploadID: string, change: object = {}, as = token) => {
    const part = {
      uploadID,
      partNumber: 1,
      partSize: image.bytes.length,
      sha256sum: sha256Hex(image.bytes),
      ...change,
    };
    return library.send("PUT", path(image), { token: as, json: part });
  };
  const complete = (image: Awaited, uploadID: string, completedParts: unknown, as = token) =>
    library.send("PUT", path(image, "_complete"), {
      token: as,
      json: { uploadID, completedParts },
    });

  it.each([
    { partNumber: 0 },
    { partNumber: 2 },
    { partNumber: -1 },
    { partNumber: 1.5 },
    { partNumber: "1" },
    { partSize: 1 },
    { sha256sum: "xyz" },
  ])("refuses a part with %j, never with 404", async (change) => {
    const image = await awaitImage();
    const reply = await ask(image, await start(image), change);
    expect([400, 422]).toContain(reply.status);
    await expectUnharmed(image);
  });

  it("refuses upload ids of other users, of other images and unknown ones alike", async () => {
    const [image, another] = [await awaitImage(), await awaitImage()];
    const anothers = await start(another);
    const replies = [
      await ask(image, anothers),
      await ask(image, "0123456789abcdef01234567"),
      await ask(image, "../../etc"),
      await ask(image, await start(image), {}, site.adminToken),
    ];
    for (const { status, error } of replies) {
      expect({ status, reason: error.reason, message: error.message }).toEqual({
        status: 409,
        reason: "upload-closed",
        message: replies[0]?.error.message,
      });
    }
  });

  it("refuses to complete with missing parts, and with a wrong list of parts", async () => {
    const image = await awaitImage();
    const id = await start(image);
    expect((await complete(image, id, [{ partNumber: 1, token: "" }])).status).toBe(409);
    const { data } = await ask(image, id);
    const etag = (await library.send("PUT", data.presignedURL, { body: image.bytes })).headers.get(
      "etag",
    );
    for (const wrong of [
      [],
      [{ partNumber: 2, token: etag }],
      [{ partNumber: 1, token: '"other"' }],
      null,
      "x",
    ]) {
      expect([400, 409]).toContain((await complete(image, id, wrong)).status);
    }
    expect(await isUploaded(image)).toBe(false);
    const replies = await Promise.all(
      [1, 2, 3].map(() => complete(image, id, [{ partNumber: 1, token: etag }])),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(
      (await library.send("PUT", path(image, "_abort"), { token, json: { uploadID: id } })).status,
    ).toBe(409);
    expect(await isUploaded(image)).toBe(true);
  });

  it("refuses a part with wrong bytes, and a wrong whole of right parts", async () => {
    const image = await awaitImage();
    const id = await start(image);
    const { data } = await ask(image, id);
    expect(
      (await library.send("PUT", data.presignedURL, { body: tamper(image.bytes) })).error,
    ).toMatchObject({ code: 422, reason: "digest-mismatch" });
    const other = tamper(image.bytes);
    const accepted = await ask(image, id, { sha256sum: sha256Hex(other) });
    const sent = await library.send("PUT", accepted.data.presignedURL, { body: other });
    expect(sent.status).toBe(200);
    expect(
      (await complete(image, id, [{ partNumber: 1, token: sent.headers.get("etag") }])).error,
    ).toMatchObject({
      code: 422,
      reason: "digest-mismatch",
    });
    await expectUnharmed(image);
  });
});

describe("a push of someone else's private image", () => {
  it("must send the bytes, and gains nothing from knowing the hash", async () => {
    seed += 1;
    const bytes = buildSif({ seed });
    const hidden = {
      token,
      entity: "ann",
      collection: "hidden",
      container: "secret",
      bytes,
      isPrivate: true,
    };
    const { hash } = await pushRaw(library, hidden);
    const image = await awaitImage(bytes, { token: otherToken, entity: "bob" });
    expect(image.pushed.hash).toBe(hash);
    const record = await library.send("GET", `v1/images/${image.ref}`, { token: otherToken });
    expect(record.data).toMatchObject({ uploaded: false, size: 0 });
    expect(
      (await library.send("GET", `v1/imagefile/${image.ref}`, { token: otherToken })).status,
    ).toBe(404);
    const complete = await library.send("PUT", `v2/imagefile/${image.pushed.imageId}/_complete`, {
      token: otherToken,
      json: {},
    });
    expect(complete.status).toBe(409);
  });
});

const CORPUS = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));
const hasCorpus = existsSync(CORPUS);

describe.skipIf(!hasCorpus)(
  hasCorpus ? "the sample images" : "SKIPPED, no ../shared/corpus: the sample images",
  () => {
    const folders = hasCorpus ? ["reference", "derived"] : [];
    const files = folders.flatMap((folder) => {
      const expected = JSON.parse(readFileSync(join(CORPUS, folder, "expected.json"), "utf8"));
      return readdirSync(join(CORPUS, folder))
        .filter((name) => name.endsWith(".sif"))
        .map((name) => ({
          file: join(folder, name),
          load: expected[name.replace(/\.sif$/, "")].load ?? "ok",
        }));
    });

    it.each(files)("$file is taken as its reader must take it: $load", async ({ file, load }) => {
      const bytes = readFileSync(join(CORPUS, file));
      const image = await awaitImage(bytes);
      const reply = await library.send("POST", `v1/imagefile/${image.pushed.imageId}`, {
        token,
        body: bytes,
      });
      expect({ status: reply.status, reason: reply.error?.reason }).toEqual(
        load === "ok" ? { status: 200, reason: undefined } : { status: 422, reason: "not-a-sif" },
      );
    });
  },
);
