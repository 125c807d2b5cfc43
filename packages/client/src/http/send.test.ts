import { dataReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { LibraryClient } from "../index.js";

const silence = () => new Promise<never>(() => {});

describe("send", () => {
  describe("when nothing moves", () => {
    it("rejects with timeout while it waits for the reply, even from a fetch that ignores aborts", async () => {
      const client = new LibraryClient({ fetch: silence, timeoutMs: 5, retry: false });
      await expect(client.getEntity("alice")).rejects.toMatchObject({
        code: "timeout",
        retryable: true,
      });
    });

    it("rejects with timeout while it waits for the body", async () => {
      const library = scriptLibrary();
      library.on(/./, () => new Response(new ReadableStream<Uint8Array>({ pull: silence })));
      const client = new LibraryClient({ fetch: library.fetch, timeoutMs: 5, retry: false });
      await expect(client.getEntity("alice")).rejects.toMatchObject({ code: "timeout" });
    });

    it("rejects with timeout while only a byte comes now and then", async () => {
      const library = scriptLibrary();
      const drip = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        controller.enqueue(new Uint8Array(1));
      };
      library.on(/./, () => new Response(new ReadableStream({ pull: drip })));
      const client = new LibraryClient({ fetch: library.fetch, timeoutMs: 100, retry: false });
      await expect(client.getEntity("alice")).rejects.toMatchObject({ code: "timeout" });
    });

    it("lets a reply take many times as long while it gets on", async () => {
      const library = scriptLibrary();
      const image = new Uint8Array(20 * 1024);
      library.addImage(image);
      let sent = 0;
      const slowly = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        controller.enqueue(new Uint8Array(1024));
        sent += 1024;
        if (sent === image.byteLength) controller.close();
      };
      library.on(/imagefile/, () => new Response(new ReadableStream({ pull: slowly })));
      const { baseUrl, fetch } = library;
      const client = new LibraryClient({ baseUrl, fetch, timeoutMs: 400, retry: false });
      const stream = await client.downloadImage("e/c/n", { arch: "amd64" });
      expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(image);
    });

    it("lets a reader be slow", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      onTestFinished(() => void vi.useRealTimers());
      const library = scriptLibrary();
      library.addImage(new Uint8Array(3));
      const { baseUrl, fetch } = library;
      const client = new LibraryClient({ baseUrl, fetch, timeoutMs: 1_000 });
      const stream = await client.downloadImage("e/c/n", { arch: "amd64" });
      vi.advanceTimersByTime(3_600_000);
      expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(new Uint8Array(3));
    });
  });

  describe("when a request goes to the library", () => {
    it("carries token, agent and no compression", async () => {
      const library = scriptLibrary();
      library.on(/./, () => dataReply({ id: "a" }));
      const { fetch, baseUrl } = library;
      const client = new LibraryClient({ baseUrl, fetch, authToken: "t", userAgent: "me/1" });
      await client.getEntity("alice");
      const headers = library.requests[0]?.headers;
      expect(headers?.get("authorization")).toBe("Bearer t");
      expect(headers?.get("user-agent")).toBe("me/1");
      expect(headers?.get("accept-encoding")).toBe("identity");
      expect(library.requests[0]?.init).toMatchObject({
        redirect: "manual",
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
    });

    it("carries no authorization without a token", async () => {
      const library = scriptLibrary();
      library.on(/./, () => dataReply({ id: "a" }));
      await new LibraryClient({ fetch: library.fetch, authToken: "" }).getEntity("alice");
      expect(library.requests[0]?.headers.has("authorization")).toBe(false);
    });
  });

  describe("when there is a logger", () => {
    it("is told of requests without tokens and queries", async () => {
      const library = scriptLibrary({ redirects: true });
      library.addImage(new Uint8Array(3));
      const lines: string[] = [];
      const debug = (message: string, fields?: object) =>
        void lines.push(message + JSON.stringify(fields));
      const { fetch, baseUrl } = library;
      const client = new LibraryClient({ baseUrl, fetch, authToken: "canary", logger: { debug } });
      await new Response(await client.downloadImage("e/c/n")).arrayBuffer();
      expect(lines).toHaveLength(3);
      expect(lines.join()).not.toMatch(/canary|SIGNED/);
    });
  });
});
