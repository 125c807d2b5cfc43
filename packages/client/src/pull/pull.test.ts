import { createHash } from "node:crypto";

import {
  bytesReply,
  errorReply,
  rangeReply,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { type ByteSink, LibraryClient, type TransferProgress } from "../index.js";

const IMAGE = new Uint8Array(1_000).map((_, index) => index * 7);
const HASH = `sha256.${createHash("sha256").update(IMAGE).digest("hex")}`;
const PART = { partSizeBytes: 100 };

function setUp(options: ScriptedLibraryOptions = {}) {
  const library = scriptLibrary(options);
  const image = library.addImage(IMAGE);
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({ baseUrl, fetch, authToken: "canary", retry: false });
  return { library, client, image };
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A sink in memory, optionally without reading back. */
function memorySink(isReadable = true) {
  const bytes = new Uint8Array(2 * IMAGE.byteLength);
  let end = 0;
  const sink: ByteSink = {
    write: async (offset, chunk) => {
      bytes.set(chunk, offset);
      end = Math.max(end, offset + chunk.byteLength);
    },
    ...(isReadable ? { read: async (from, length) => bytes.slice(from, from + length) } : {}),
  };
  return { sink, bytes: () => bytes.slice(0, end) };
}

const ways = [
  {
    name: "downloadImage",
    options: {},
    run: async (client: LibraryClient) => readAll(await client.downloadImage("e/c/n")),
  },
  {
    name: "concurrentDownloadImage from the library itself",
    options: {},
    run: async (client: LibraryClient) => {
      const { sink, bytes } = memorySink();
      await client.concurrentDownloadImage(sink, "e/c/n", PART);
      return bytes();
    },
  },
  {
    name: "downloadImage through a redirect",
    options: { redirects: true },
    run: async (client: LibraryClient) => readAll(await client.downloadImage("e/c/n")),
  },
];

describe("downloadImage", () => {
  describe("when the library has the image", () => {
    it.each([false, true])("returns its bytes, redirected: %s", async (redirects) => {
      const { library, client } = setUp({ redirects });
      expect(await readAll(await client.downloadImage("e/c/n", { arch: "amd64" }))).toEqual(IMAGE);
      expect(library.requests.slice(0, 2).map(({ url }) => url.pathname + url.search)).toEqual([
        "/v1/images/e/c/n:latest?arch=amd64",
        `/v1/imagefile/e/c/n:${HASH}?arch=amd64`,
      ]);
      expect(library.requests[2]?.headers.has("authorization") ?? false).toBe(false);
    });

    it.each(["v1", HASH])("asks for the tag or hash %s", async (tag) => {
      const { library, client, image } = setUp();
      library.tags.push({ arch: "amd64", tag: "v1", imageId: String(image.record["id"]) });
      await readAll(await client.downloadImage("library://e/c/n", { tag }));
      expect(library.calls()[0]).toBe(`GET /v1/images/e/c/n:${tag}`);
    });

    it("asks by tag when the library does not know bytes by hash", async () => {
      const { library, client } = setUp();
      library.on(/imagefile.*sha256/, () => errorReply(404));
      expect(await readAll(await client.downloadImage("e/c/n"))).toEqual(IMAGE);
    });

    it("sends short refs as they are", async () => {
      const { library, client } = setUp();
      await readAll(await client.downloadImage("n"));
      expect(library.calls()[0]).toBe("GET /v1/images/n:latest");
    });

    it("verifies an image of no bytes and one of unknown size", async () => {
      for (const bytes of [new Uint8Array(), IMAGE]) {
        const { library, client } = setUp({ redirects: true });
        library.addImage(bytes, { size: 0 });
        expect(await readAll(await client.downloadImage("e/c/n"))).toEqual(bytes);
        const { sink, bytes: written } = memorySink();
        const pulled = await client.concurrentDownloadImage(sink, "e/c/n");
        expect(pulled.sizeBytes).toBe(bytes.byteLength);
        expect(written()).toEqual(bytes);
      }
    });
  });

  describe("when the ref is not valid", () => {
    it.each([
      "e/c/n:latest",
      "n:v1",
      "E/c/n",
      "a/b/c/d",
      "",
      "e/../n",
      "e/c/n?x",
      "library://host:80/e/c/n",
    ])("rejects %j before any request", async (path) => {
      const { library, client } = setUp();
      await expect(client.downloadImage(path)).rejects.toMatchObject({ name: "RefError" });
      expect(library.requests).toEqual([]);
    });

    it.each(["a,b", "", "a/b", "..", "A"])("rejects the tag %j", async (tag) => {
      const { client } = setUp();
      await expect(client.downloadImage("e/c/n", { tag })).rejects.toMatchObject({
        name: "RefError",
      });
    });
  });

  describe("when the record cannot be verified against", () => {
    it.each<[string, Record<string, unknown>, string]>([
      ["no hash", { hash: "" }, "protocol"],
      ["a hash that is none", { hash: "../../etc" }, "protocol"],
      ["the id of a file", { hash: "sif.00000000-0000-0000-0000-000000000000" }, "protocol"],
    ])("rejects %s", async (_, record, code) => {
      const { library, client } = setUp();
      library.addImage(IMAGE, record);
      await expect(client.downloadImage("e/c/n")).rejects.toMatchObject({ code });
    });

    it("rejects the record of another image than the hash that was asked for", async () => {
      const { library, client } = setUp();
      const other = `sha256.${"0".repeat(64)}`;
      library.on(/v1\/images/, () => Response.json({ data: { id: "a", hash: HASH, size: 1_000 } }));
      const pulled = client.downloadImage("e/c/n", { tag: other });
      await expect(pulled).rejects.toMatchObject({
        code: "integrity",
        expected: other,
        actual: HASH,
      });
    });
  });

  describe.each(ways)("when the library lies: $name", ({ options, run }) => {
    const flipped = IMAGE.slice();
    flipped[500] = 255 - (flipped[500] ?? 0);
    const chunked = (bytes: Uint8Array) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(bytes.slice());
          controller.close();
        },
      });
      return new Response(body);
    };
    it.each<[string, () => Response, string]>([
      ["a flipped bit", () => bytesReply(flipped), "integrity"],
      ["bytes missing", () => chunked(IMAGE.subarray(1)), "integrity"],
      ["bytes too many", () => chunked(new Uint8Array([...IMAGE, 0])), "integrity"],
      ["a length that is not the record's", () => bytesReply(IMAGE.subarray(1)), "protocol"],
      ["compressed bytes", () => bytesReply(IMAGE, { "content-encoding": "gzip" }), "protocol"],
      ["a page of a captive portal", () => new Response("<html>log in</html>"), "integrity"],
      ["nothing", () => new Response(null), "integrity"],
      ["a part without being asked", () => rangeReply(IMAGE, 0, 999), "protocol"],
      ["no content", () => new Response(null, { status: 204 }), "protocol"],
      ["expired", () => errorReply(403), "forbidden"],
    ])("rejects %s", async (_, reply, code) => {
      const { library, client } = setUp(options);
      library.on(options.redirects === true ? /blobs/ : /imagefile/, reply);
      await expect(run(client)).rejects.toMatchObject({ code });
    });

    it("rejects with network when the connection breaks", async () => {
      const { library, client } = setUp(options);
      library.on(options.redirects === true ? /blobs/ : /imagefile/, () => {
        let isFirst = true;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (isFirst) controller.enqueue(IMAGE.slice(0, 10));
            else controller.error(new TypeError("terminated"));
            isFirst = false;
          },
        });
        return new Response(body);
      });
      await expect(run(client)).rejects.toMatchObject({ code: "network" });
    });
  });

  describe("when the reader has enough", () => {
    it("gives the transfer up", async () => {
      const { library, client } = setUp();
      let isCancelled = false;
      library.on(/imagefile/, () => {
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(10)),
          cancel: () => void (isCancelled = true),
        });
        return new Response(body);
      });
      const reader = (await client.downloadImage("e/c/n")).getReader();
      await reader.read();
      await reader.cancel();
      expect(isCancelled).toBe(true);
    });

    it("rejects the read with the reason of an abort", async () => {
      const { library, client } = setUp();
      const controller = new AbortController();
      const reason = new Error("stop");
      library.on(/imagefile/, () => {
        const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
        return new Response(body);
      });
      const stream = await client.downloadImage("e/c/n", { signal: controller.signal });
      const read = stream.getReader().read();
      controller.abort(reason);
      await expect(read).rejects.toBe(reason);
    });
  });
});

describe("concurrentDownloadImage", () => {
  describe("when the storage has parts", () => {
    it.each([
      [1, 100],
      [4, 100],
      [64, 1],
      [3, 333],
      [2, 999],
      [2, 1_000],
      [2, 5_000],
    ])(
      "writes the image with concurrency %i and parts of %i bytes",
      async (concurrency, partSizeBytes) => {
        for (const isReadable of [true, false]) {
          const { library, client } = setUp({ redirects: true });
          const { sink, bytes } = memorySink(isReadable);
          const pulled = await client.concurrentDownloadImage(sink, "e/c/n", {
            concurrency,
            partSizeBytes,
          });
          expect(bytes()).toEqual(IMAGE);
          expect(pulled).toMatchObject({ sizeBytes: 1_000, image: { hash: HASH } });
          const ranges = library.requests.filter(({ headers }) => headers.has("range"));
          expect(ranges).toHaveLength(Math.ceil(1_000 / partSizeBytes));
          expect(ranges.every(({ headers }) => !headers.has("authorization"))).toBe(true);
        }
      },
    );

    it.each([true, false])(
      "verifies parts that arrive last first, sink readable: %s",
      async (isReadable) => {
        const { library, client } = setUp({ redirects: true });
        const held: (() => void)[] = [];
        library.on(/blobs/, async ({ headers }) => {
          const [first = 0] = (headers.get("range") ?? "").match(/\d+/g)?.map(Number) ?? [];
          if (first === 0) return undefined;
          // Parts are served only once all are requested, the last first.
          await new Promise<void>((resolve) => {
            held.push(resolve);
            if (held.length === 3)
              for (const release of held.toReversed()) setImmediate(() => release());
          });
          return undefined;
        });
        const { sink, bytes } = memorySink(isReadable);
        const options = { concurrency: 4, partSizeBytes: 250 };
        await client.concurrentDownloadImage(sink, "e/c/n", options);
        expect(bytes()).toEqual(IMAGE);
      },
    );

    it("asks the place that the first part came from for the others", async () => {
      const { library, client, image } = setUp({ redirects: true });
      const id = String(image.record["id"]);
      library.on(new RegExp(`blobs/${id}$`), ({ url }) =>
        url.host === "storage.example"
          ? Response.redirect(`https://mirror.example/blobs/${id}?sig=1`, 307)
          : undefined,
      );
      await client.concurrentDownloadImage(memorySink().sink, "e/c/n", PART);
      const hosts = library.requests.slice(2).map(({ url }) => url.host);
      expect(hosts).toEqual([
        "storage.example",
        ...Array.from({ length: 10 }, () => "mirror.example"),
      ]);
    });

    it("sends the token to a storage on the library's own origin", async () => {
      const { library, client } = setUp();
      library.on(/imagefile/, () => Response.redirect("https://library.example/own", 303));
      library.on(/own$/, ({ headers }) => {
        const [first = 0, last = 0] = (headers.get("range") ?? "").match(/\d+/g)?.map(Number) ?? [];
        return rangeReply(IMAGE, first, last);
      });
      await client.concurrentDownloadImage(memorySink().sink, "e/c/n", PART);
      expect(library.requests.at(-1)?.headers.get("authorization")).toBe("Bearer canary");
    });
  });

  describe("when the storage ignores ranges", () => {
    it("takes the one stream from the start", async () => {
      const { library, client } = setUp({ redirects: true });
      library.on(/blobs/, () => bytesReply(IMAGE));
      const { sink, bytes } = memorySink();
      await client.concurrentDownloadImage(sink, "e/c/n", PART);
      expect(bytes()).toEqual(IMAGE);
      expect(library.requests).toHaveLength(3);
    });

    it("rejects the whole image in place of a later part", async () => {
      const { library, client } = setUp({ redirects: true });
      library.on(/blobs/, ({ headers }) =>
        headers.get("range")?.startsWith("bytes=0-") === true ? undefined : bytesReply(IMAGE),
      );
      const pulled = client.concurrentDownloadImage(memorySink().sink, "e/c/n", PART);
      await expect(pulled).rejects.toMatchObject({ code: "protocol" });
    });
  });

  describe("when the storage lies about a part", () => {
    const part = (headers: Record<string, string>, bytes = IMAGE.subarray(300, 400)) =>
      new Response(bytes.slice(), { status: 206, headers });
    it.each<[string, () => Response, string]>([
      ["another range", () => rangeReply(IMAGE, 200, 299), "protocol"],
      ["another total", () => part({ "content-range": "bytes 300-399/2000" }), "protocol"],
      ["an unknown total", () => part({ "content-range": "bytes 300-399/*" }), "protocol"],
      ["no range", () => part({}), "protocol"],
      [
        "two ranges",
        () => part({ "content-range": "bytes 300-399/1000, bytes 0-9/1000" }),
        "protocol",
      ],
      ["a short range", () => rangeReply(IMAGE, 300, 398), "protocol"],
      [
        "short bytes",
        () => part({ "content-range": "bytes 300-399/1000" }, IMAGE.subarray(300, 399)),
        "protocol",
      ],
      [
        "long bytes",
        () => part({ "content-range": "bytes 300-399/1000" }, IMAGE.subarray(300, 401)),
        "protocol",
      ],
      [
        "bytes from elsewhere",
        () => part({ "content-range": "bytes 300-399/1000" }, IMAGE.subarray(0, 100)),
        "integrity",
      ],
      [
        "a length that lies",
        () => part({ "content-range": "bytes 300-399/1000", "content-length": "5" }),
        "protocol",
      ],
      [
        "compressed bytes",
        () => part({ "content-range": "bytes 300-399/1000", "content-encoding": "br" }),
        "protocol",
      ],
      ["no such range", () => errorReply(416), "range-not-satisfiable"],
      ["a page with 200", () => new Response("<html>"), "protocol"],
      ["an expired signature", () => errorReply(403), "forbidden"],
      ["too many requests", () => errorReply(429, "", { "retry-after": "1" }), "rate-limited"],
      [
        "a redirect to this machine",
        () => Response.redirect("https://127.0.0.1/x", 302),
        "redirect-refused",
      ],
    ])("rejects %s", async (_, reply, code) => {
      for (const isReadable of [true, false]) {
        const { library, client } = setUp({ redirects: true });
        library.on(/blobs/, ({ headers }) =>
          headers.get("range") === "bytes=300-399" ? reply() : undefined,
        );
        const pulled = client.concurrentDownloadImage(memorySink(isReadable).sink, "e/c/n", PART);
        await expect(pulled).rejects.toMatchObject({ code });
      }
    });
  });

  describe("when the sink fails", () => {
    const failure = new Error("disk full");
    const fail = () => Promise.reject(failure);

    it("rejects with the sink's error in writing", async () => {
      const { client } = setUp({ redirects: true });
      const pulled = client.concurrentDownloadImage({ write: fail }, "e/c/n", PART);
      await expect(pulled).rejects.toBe(failure);
    });

    it("rejects with the sink's error in reading back", async () => {
      const { client } = setUp({ redirects: true });
      let releaseFirst = () => {};
      // The first part is written last, so that the others are read back.
      const write = async (offset: number) => {
        if (offset > 0) return releaseFirst();
        return new Promise<void>((resolve) => {
          releaseFirst = resolve;
        });
      };
      const pulled = client.concurrentDownloadImage({ write, read: fail }, "e/c/n", PART);
      await expect(pulled).rejects.toBe(failure);
    });
  });

  describe("when an option is not valid", () => {
    it.each([
      { concurrency: 0 },
      { concurrency: 65 },
      { concurrency: 1.5 },
      { partSizeBytes: 0 },
      { partSizeBytes: 0.5 },
    ])("rejects %o before any request", async (options) => {
      const { library, client } = setUp();
      const pulled = client.concurrentDownloadImage(memorySink().sink, "e/c/n", options);
      await expect(pulled).rejects.toMatchObject({ code: "option-not-valid" });
      expect(library.requests).toEqual([]);
    });
  });

  describe("when it is aborted", () => {
    it("rejects with the reason and asks for no more parts", async () => {
      const { library, client } = setUp({ redirects: true });
      const controller = new AbortController();
      const reason = new Error("stop");
      library.on(/blobs/, ({ headers }) => {
        if (headers.get("range") === "bytes=200-299") controller.abort(reason);
        return undefined;
      });
      const { signal } = controller;
      const options = { ...PART, concurrency: 1, signal };
      const pulled = client.concurrentDownloadImage(memorySink().sink, "e/c/n", options);
      await expect(pulled).rejects.toBe(reason);
      expect(library.requests).toHaveLength(5);
    });
  });

  describe("when progress is asked for", () => {
    it.each([true, false])(
      "tells transfer, verify and the end, redirected: %s",
      async (redirects) => {
        const { client } = setUp({ redirects });
        const events: TransferProgress[] = [];
        const progress = (event: TransferProgress) => void events.push(event);
        await client.concurrentDownloadImage(memorySink().sink, "e/c/n", { ...PART, progress });
        const transfer = events
          .filter(({ phase }) => phase === "transfer")
          .map(({ bytesDone }) => bytesDone);
        expect(transfer).toEqual(transfer.toSorted((a, b) => a - b));
        expect(Math.max(...transfer)).toBe(1_000);
        expect(events.at(-1)).toMatchObject({
          ended: "complete",
          bytesDone: 1_000,
          bytesTotal: 1_000,
        });
      },
    );
  });
});
