import { dataReply, errorReply, type Script, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient } from "../index.js";

function setUp(script?: Script, retry: object = { baseDelayMs: 0 }) {
  const library = scriptLibrary();
  if (script !== undefined) library.on(/version/, script);
  return { library, client: new LibraryClient({ fetch: library.fetch, retry }) };
}

describe("getVersion", () => {
  describe("when the library replies", () => {
    it("returns version and API version, and asks only once", async () => {
      const { library, client } = setUp(() => dataReply({ version: "1.2.3", apiVersion: "2.0.0" }));
      const both = await Promise.all([client.getVersion(), client.getVersion()]);
      expect(both).toEqual(
        Array.from({ length: 2 }, () => ({ version: "1.2.3", apiVersion: "2.0.0" })),
      );
      await client.getVersion();
      expect(library.requests).toHaveLength(1);
    });

    it("returns empty texts for what it does not say", async () => {
      const { client } = setUp(() => dataReply({}));
      expect(await client.getVersion()).toEqual({ version: "", apiVersion: "" });
    });
  });

  describe("when the library has no version", () => {
    it("rejects with not-found, and remembers", async () => {
      const { library, client } = setUp(() => errorReply(404));
      await expect(client.getVersion()).rejects.toMatchObject({ code: "not-found" });
      await expect(client.getVersion()).rejects.toMatchObject({ code: "not-found" });
      expect(library.requests).toHaveLength(1);
    });
  });

  describe("when the question fails", () => {
    it.each<[string, () => Response | Promise<Response>]>([
      ["500", () => errorReply(500)],
      ["503 with a pause", () => errorReply(503, "", { "retry-after": "0" })],
      ["429", () => errorReply(429)],
      ["a lost connection", () => Promise.reject(new TypeError("reset"))],
    ])("asks again after %s", async (_, fail) => {
      let tries = 0;
      const { client } = setUp(() => (++tries < 4 ? fail() : dataReply({ apiVersion: "2.0.0" })));
      expect(await client.getVersion()).toMatchObject({ apiVersion: "2.0.0" });
      expect(tries).toBe(4);
    });

    it.each([400, 401, 403, 507])("rejects at once after %i", async (status) => {
      const { library, client } = setUp(() => errorReply(status));
      await expect(client.getVersion()).rejects.toMatchObject({ status });
      expect(library.requests).toHaveLength(1);
    });

    it("rejects after as many tries as the policy allows, and asks again the next time", async () => {
      const { library, client } = setUp(() => errorReply(500), { maxAttempts: 2, baseDelayMs: 0 });
      await expect(client.getVersion()).rejects.toMatchObject({ code: "internal" });
      expect(library.requests).toHaveLength(2);
      await expect(client.getVersion()).rejects.toMatchObject({ code: "internal" });
      expect(library.requests).toHaveLength(4);
    });

    it("does not wait longer than the policy allows", async () => {
      const { library, client } = setUp(() => errorReply(503, "", { "retry-after": "3600" }));
      await expect(client.getVersion()).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
      expect(library.requests).toHaveLength(1);
    });
  });

  describe("when one of two callers aborts", () => {
    it("rejects that one and resolves the other", async () => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { client } = setUp(async () => {
        await gate;
        return dataReply({ apiVersion: "2.0.0" });
      });
      const controller = new AbortController();
      const reason = new Error("stop");
      const aborted = client.getVersion({ signal: controller.signal });
      const asked = client.getVersion();
      controller.abort(reason);
      await expect(aborted).rejects.toBe(reason);
      release();
      await expect(asked).resolves.toMatchObject({ apiVersion: "2.0.0" });
    });
  });
});
