import { createHash } from "node:crypto";

import {
  bytesReply,
  errorReply,
  rangeReply,
  type RecordedRequest,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { type ByteSink, LibraryClient, type TransferProgress } from "../index.js";

const IMAGE = new Uint8Array(1_000).map((_, index) => index * 7);
const OTHER = new Uint8Array(1_000).map((_, index) => index * 11 + 1);
const PART = { partSizeBytes: 100 };

function setUp(options: ScriptedLibraryOptions = { redirects: true }) {
  const library = scriptLibrary(options);
  library.addImage(IMAGE);
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({ baseUrl, fetch, retry: { pause: async () => {} } });
  const bytes = new Uint8Array(1_000);
  const restarts: boolean[] = [];
  const sink: ByteSink = {
    write: async (offset, chunk) => bytes.set(chunk, offset),
    read: async (from, length) => bytes.slice(from, from + length),
    begin: async (_, isRestart) => {
      restarts.push(isRestart);
      return [];
    },
  };
  const events: TransferProgress[] = [];
  const progress = (event: TransferProgress) => void events.push(event);
  const pull = (more: object = {}) =>
    client.concurrentDownloadImage(sink, "e/c/n", { ...PART, progress, ...more });
  const ranges = () => library.requests.map(({ headers }) => headers.get("range"));
  return { library, client, pull, bytes, sink, events, restarts, ranges };
}

function firstOf({ headers }: RecordedRequest): number {
  return Number(/bytes=(\d+)-/.exec(headers.get("range") ?? "")?.[1]);
}

/** A body that sends some bytes and then breaks. */
function broken(bytes: Uint8Array, init: ResponseInit): Response {
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isFirst) controller.enqueue(bytes.slice());
      else controller.error(new TypeError("terminated"));
      isFirst = false;
    },
  });
  return new Response(body, init);
}

const part300 = (bytes: Uint8Array, headers: Record<string, string> = {}) => ({
  status: 206,
  headers: { "content-range": "bytes 300-399/1000", ...headers },
  bytes,
});

/** Once, instead of the part from 300 on. */
const faults: readonly (readonly [string, () => Response])[] = [
  ["a broken connection", () => broken(IMAGE.subarray(300, 350), part300(IMAGE))],
  ["a reset", () => Response.error()],
  ["a short body", () => new Response(IMAGE.slice(300, 350), part300(IMAGE))],
  ["another range", () => rangeReply(IMAGE, 200, 299)],
  ["a short range", () => rangeReply(IMAGE, 300, 398)],
  ["the whole file", () => bytesReply(IMAGE)],
  ["a page of a proxy", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
  ["compressed bytes", () => rangeWith({ "content-encoding": "gzip" })],
  ...[408, 425, 429, 500, 502, 503, 504].map(
    (status) => [`status ${status}`, () => errorReply(status)] as const,
  ),
];

function rangeWith(headers: Record<string, string>): Response {
  const reply = rangeReply(IMAGE, 300, 399);
  for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value);
  return reply;
}

describe("concurrentDownloadImage", () => {
  describe("when a part fails once", () => {
    it.each(faults)("asks for that part again after %s", async (_, fault) => {
      const { library, pull, bytes, events, restarts } = setUp();
      let failures = 0;
      library.on(/blobs/, (request) => {
        if (firstOf(request) !== 300 || failures > 0) return undefined;
        failures += 1;
        const reply = fault();
        if (reply.type === "error") throw new TypeError("fetch failed");
        return reply;
      });
      await pull();
      expect(bytes).toEqual(IMAGE);
      expect(failures).toBe(1);
      expect(restarts).toEqual([false]);
      expect(library.requests.length).toBe(2 + 10 + 1);
      expect(events.at(-1)).toMatchObject({ ended: "complete", retries: 1 });
    });

    it("asks only for what is missing of it", async () => {
      const { library, pull, ranges } = setUp();
      let failures = 0;
      library.on(/blobs/, (request) => {
        if (firstOf(request) !== 300 || failures++ > 0) return undefined;
        return broken(IMAGE.subarray(300, 350), part300(IMAGE));
      });
      await pull();
      expect(ranges()).toContain("bytes=350-399");
    });

    it("tries the first request again", async () => {
      const { library, pull, bytes } = setUp();
      let failures = 0;
      library.on(/blobs/, () => (failures++ === 0 ? errorReply(503) : undefined));
      await pull();
      expect(bytes).toEqual(IMAGE);
    });
  });

  describe("when a part always fails", () => {
    it.each([
      [503, "unavailable", 6],
      [404, "not-found", 1],
      [507, "storage-full", 1],
      [416, "range-not-satisfiable", 1],
    ])("gives up after status %d with %s and %d tries", async (status, code, tries) => {
      const { library, pull, ranges } = setUp();
      library.on(/blobs/, (request) => (firstOf(request) === 300 ? errorReply(status) : undefined));
      await expect(pull()).rejects.toMatchObject({ code });
      expect(ranges().filter((range) => range === "bytes=300-399")).toHaveLength(tries);
    });
  });

  describe("when the URL expires", () => {
    it.each([400, 401, 403, 404, 410])(
      "asks the library for another, status %d",
      async (status) => {
        const { library, pull, bytes } = setUp();
        let signature = 0;
        library.on(/imagefile/, () => {
          signature += 1;
          return Response.redirect(`https://storage.example/signed?sig=${signature}`, 303);
        });
        let served = 0;
        library.on(/signed/, (request) => {
          const isCurrent = request.url.searchParams.get("sig") === String(signature);
          if (isCurrent && served++ % 4 === 3) signature += 1;
          const first = firstOf(request);
          const isValid = request.url.searchParams.get("sig") === String(signature);
          return isValid ? rangeReply(IMAGE, first, first + 99) : errorReply(status);
        });
        await pull({ concurrency: 2 });
        expect(bytes).toEqual(IMAGE);
        expect(library.calls().filter((call) => call.includes("imagefile")).length).toBeGreaterThan(
          2,
        );
      },
    );

    it.each([400, 404, 410])("believes it if there is no other, status %d", async (status) => {
      const { library, pull } = setUp();
      const signed = "https://storage.example/signed?sig=1";
      library.on(/imagefile/, () => Response.redirect(signed, 303));
      library.on(/signed/, () => errorReply(status));
      await expect(pull()).rejects.toMatchObject({ status });
      const asked = library.calls().filter((call) => call.includes("imagefile"));
      expect(asked).toHaveLength(2);
    });

    it("gives up when no URL is good", async () => {
      const { library, pull } = setUp();
      library.on(/blobs/, () => errorReply(403));
      await expect(pull()).rejects.toMatchObject({ code: "forbidden" });
      const asked = library.calls().filter((call) => call.includes("imagefile"));
      expect(asked.length).toBeGreaterThan(1);
      expect(asked.length).toBeLessThan(10);
    });
  });

  describe("when the object is replaced during the transfer", () => {
    it("starts again with the new one", async () => {
      const { library, pull, bytes, restarts } = setUp();
      const image = library.addImage(OTHER);
      library.tags.pop();
      let isReplaced = false;
      library.on(/blobs/, (request) => {
        const first = firstOf(request);
        if (first >= 500 && !isReplaced) {
          isReplaced = true;
          library.tags.push({ arch: "amd64", tag: "latest", imageId: String(image.record["id"]) });
        }
        const reply = rangeReply(isReplaced ? OTHER : IMAGE, first, first + 99);
        reply.headers.set("etag", isReplaced ? '"new"' : '"old"');
        return reply;
      });
      const pulled = await pull();
      expect(bytes).toEqual(OTHER);
      expect(pulled.image.hash).toBe(`sha256.${createHash("sha256").update(OTHER).digest("hex")}`);
      expect(restarts).toEqual([false, true]);
    });

    it("leaves it to the hash when servers tag one object differently", async () => {
      const { library, pull, bytes } = setUp();
      let count = 0;
      library.on(/blobs/, (request) => {
        const first = firstOf(request);
        const reply = rangeReply(IMAGE, first, first + 99);
        reply.headers.set("etag", `"server-${count++ % 2}"`);
        return reply;
      });
      await pull();
      expect(bytes).toEqual(IMAGE);
    });
  });

  describe("when bytes are damaged on the way", () => {
    it("fetches the image again, once", async () => {
      for (const healthyAfter of [1, Infinity]) {
        const { library, pull, bytes, restarts } = setUp();
        let damaged = 0;
        library.on(/blobs/, (request) => {
          if (firstOf(request) !== 300 || damaged++ >= healthyAfter) return undefined;
          return rangeReply(IMAGE.slice().fill(1, 320, 330), 300, 399);
        });
        const pulled = pull();
        if (healthyAfter === 1) {
          await pulled;
          expect(bytes).toEqual(IMAGE);
        } else {
          await expect(pulled).rejects.toMatchObject({ code: "integrity" });
        }
        expect(restarts).toEqual([false, true]);
      }
    });
  });

  describe("when the sink has ranges already", () => {
    it("fetches the others only, and verifies all", async () => {
      const { library, client, bytes, sink, ranges } = setUp();
      bytes.set(IMAGE.subarray(0, 250), 0);
      bytes.set(IMAGE.subarray(600, 900), 600);
      const begin = async () => [
        { offset: 0, length: 250 },
        { offset: 600, length: 300 },
      ];
      await client.concurrentDownloadImage({ ...sink, begin }, "e/c/n", PART);
      expect(bytes).toEqual(IMAGE);
      expect(
        ranges()
          .filter((range) => range !== null)
          .toSorted(),
      ).toEqual([
        "bytes=250-349",
        "bytes=350-449",
        "bytes=450-549",
        "bytes=550-599",
        "bytes=900-999",
      ]);
      expect(library.requests).toHaveLength(7);
    });

    it("fetches nothing when it has all, and starts again when that is wrong", async () => {
      const { library, client, bytes, sink } = setUp();
      bytes.set(IMAGE);
      const begin = async (_: unknown, isRestart: boolean) =>
        isRestart ? [] : [{ offset: 0, length: 1_000 }];
      await client.concurrentDownloadImage({ ...sink, begin }, "e/c/n", PART);
      expect(library.requests).toHaveLength(2);
      bytes.fill(0, 5, 9);
      await client.concurrentDownloadImage({ ...sink, begin }, "e/c/n", PART);
      expect(bytes).toEqual(IMAGE);
    });
  });
});

describe.each(["downloadImage", "concurrentDownloadImage"])("%s of one stream", (method) => {
  async function pullWith(resumes: boolean, etag?: string) {
    const { library, client, sink, bytes, ranges } = setUp({});
    let requests = 0;
    library.on(/imagefile/, (request) => {
      requests += 1;
      const headers = { etag: requests > 1 && etag !== undefined ? etag : '"a"' };
      const first = firstOf(request);
      if (resumes && !Number.isNaN(first))
        return withHeaders(rangeReply(IMAGE, first, 999), headers);
      if (requests > 2) return bytesReply(IMAGE, headers);
      return broken(IMAGE.subarray(0, 300 * requests), { headers });
    });
    const pulled =
      method === "downloadImage"
        ? new Response(await client.downloadImage("e/c/n")).arrayBuffer()
        : client
            .concurrentDownloadImage(
              { write: (offset: number, chunk: Uint8Array) => sink.write(offset, chunk) },
              "e/c/n",
            )
            .then(() => bytes);
    return { pulled: pulled.then((result) => new Uint8Array(result)), ranges };
  }

  it("continues where the connection broke", async () => {
    const { pulled, ranges } = await pullWith(true);
    expect(await pulled).toEqual(IMAGE);
    expect(ranges().filter((range) => range !== null)).toEqual(["bytes=300-"]);
  });

  it("begins again with a library that has no parts", async () => {
    const { pulled, ranges } = await pullWith(false);
    expect(await pulled).toEqual(IMAGE);
    expect(ranges().filter((range) => range !== null)).toEqual(["bytes=300-", "bytes=600-"]);
  });

  it.each([
    [1, "goes on at a new URL when the one that it came from has expired"],
    [Infinity, "believes a new URL that is refused, too"],
  ])("%#: %s", async (refused) => {
    const { library, client, sink, bytes, ranges } = setUp({ redirects: true });
    let requests = 0;
    let refusals = 0;
    // Ranges are not supported here.
    library.on(/blobs/, () => {
      if (requests === 0) {
        requests += 1;
        return broken(IMAGE.subarray(0, 300), {});
      }
      return refusals++ < refused ? errorReply(403) : bytesReply(IMAGE);
    });
    const pulled =
      method === "downloadImage"
        ? client.downloadImage("e/c/n").then((stream) => new Response(stream).arrayBuffer())
        : client
            .concurrentDownloadImage(
              { write: (offset: number, chunk: Uint8Array) => sink.write(offset, chunk) },
              "e/c/n",
            )
            .then(() => bytes);
    if (refused === 1) expect(new Uint8Array(await pulled)).toEqual(IMAGE);
    else await expect(pulled).rejects.toMatchObject({ code: "forbidden" });
    const asked = library.calls().filter((call) => call.includes("imagefile"));
    expect(asked).toHaveLength(2);
    expect(ranges().filter((range) => range === "bytes=300-").length).toBe(2);
  });

  it("does not join two objects", async () => {
    const { pulled } = await pullWith(true, '"b"');
    await expect(pulled).rejects.toMatchObject({ code: "protocol" });
  });
});

function withHeaders(reply: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value);
  return reply;
}
