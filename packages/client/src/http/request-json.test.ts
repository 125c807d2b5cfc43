import { dataReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient } from "../index.js";

function clientFor(reply: () => Response): LibraryClient {
  const library = scriptLibrary();
  library.on(/./, reply);
  return new LibraryClient({ baseUrl: library.baseUrl, fetch: library.fetch, retry: false });
}

describe("requestJson", () => {
  describe("when a reply of success is not what the protocol says", () => {
    it.each<[string, () => Response]>([
      ["a page of a captive portal", () => new Response("<html><body>log in</body></html>")],
      ["an empty body", () => new Response(null)],
      ["JSON without data", () => Response.json({})],
      ["data of the wrong type", () => Response.json({ data: [] })],
      ["a number for an id", () => dataReply({ id: 5 })],
      ["no id", () => dataReply({ name: "alice" })],
      ["an id that is a path", () => dataReply({ id: "../x" })],
      ["a size that rounds", () => new Response('{"data":{"id":"a","size":9007199254740993}}')],
      ["a time that is none", () => dataReply({ id: "a", createdAt: "yesterday" })],
      ["endless JSON", () => new Response(`{"data":"${"x".repeat(5 * 1024 * 1024)}"}`)],
      ["JSON too deep", () => new Response(`{"data":${"[".repeat(10_000)}`)],
    ])("rejects with protocol for %s", async (_, reply) => {
      await expect(clientFor(reply).getEntity("alice")).rejects.toMatchObject({ code: "protocol" });
    });
  });

  describe("when a reply is sparse", () => {
    it("returns the record with empty fields, keys of any case and Go's zero time", async () => {
      const zero = "0001-01-01T00:00:00Z";
      const reply = () => dataReply({ ID: "a1", collections: null, createdAt: zero });
      const entity = await clientFor(reply).getEntity("alice");
      expect(entity).toMatchObject({ id: "a1", name: "", collections: [], size: 0 });
    });
  });

  describe("when the signal aborts", () => {
    it("rejects with its reason before and during the request", async () => {
      const reason = new Error("stop");
      const client = clientFor(() => dataReply({ id: "a" }));
      const before = client.getEntity("alice", { signal: AbortSignal.abort(reason) });
      await expect(before).rejects.toBe(reason);
      const controller = new AbortController();
      const silent = new LibraryClient({ fetch: () => new Promise(() => {}) });
      const during = silent.getEntity("alice", { signal: controller.signal });
      controller.abort(reason);
      await expect(during).rejects.toBe(reason);
    });
  });
});
