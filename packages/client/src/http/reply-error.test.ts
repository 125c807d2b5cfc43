import { errorReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { isNotFound, isUnauthorized, LibraryClient, type LibraryError } from "../index.js";

async function errorFor(reply: () => Response, authToken = ""): Promise<LibraryError> {
  const library = scriptLibrary();
  library.on(/./, reply);
  const client = new LibraryClient({
    baseUrl: library.baseUrl,
    fetch: library.fetch,
    authToken,
    retry: false,
  });
  return client.getEntity("alice").then(
    () => expect.unreachable(),
    (error: LibraryError) => error,
  );
}

describe("replyError", () => {
  describe("when the library refuses", () => {
    it.each([
      [400, "bad-request", false],
      [401, "unauthorized", false],
      [403, "forbidden", false],
      [404, "not-found", false],
      [408, "request-timeout", true],
      [409, "conflict", false],
      [413, "too-large", false],
      [429, "rate-limited", true],
      [418, "unexpected-status", false],
      [500, "internal", true],
      [502, "internal", true],
      [503, "unavailable", true],
      [507, "storage-full", false],
      [302, "protocol", false],
      [304, "unexpected-status", false],
    ])("tells status %i apart as %s", async (status, code, retryable) => {
      const error = await errorFor(() =>
        status === 304 ? new Response(null, { status }) : errorReply(status, "no"),
      );
      expect(error).toMatchObject({ code, retryable, status, method: "GET" });
      expect(error.url).toBe("https://library.example/v1/entities/alice");
    });

    it("recognises not found and unauthorized", async () => {
      expect(isNotFound(await errorFor(() => errorReply(404)))).toBe(true);
      expect(isUnauthorized(await errorFor(() => errorReply(401)))).toBe(true);
      expect(isNotFound(await errorFor(() => errorReply(401)))).toBe(false);
      expect(isNotFound(new Error("not found"))).toBe(false);
    });

    it("takes the reason of the reply only within its status", async () => {
      const reply = (status: number, reason: string) =>
        Response.json({ error: { code: status, reason } }, { status });
      const closed = await errorFor(() => reply(409, "upload-closed"));
      expect(closed.code).toBe("upload-closed");
      expect((await errorFor(() => reply(404, "upload-closed"))).code).toBe("not-found");
    });

    it("passes message, request id and pause on", async () => {
      const error = await errorFor(() =>
        errorReply(429, "slow\u001b[2J down\n", { "retry-after": "7", "x-request-id": "r-1" }),
      );
      expect(error.serverMessage).toBe("slow [2J down");
      expect(error).toMatchObject({ retryAfterMs: 7_000, requestId: "r-1" });
    });

    it("reads a pause that is a date", async () => {
      const date = new Date(Date.now() + 3_600_000).toUTCString();
      const error = await errorFor(() => errorReply(503, "", { "retry-after": date }));
      expect(error.retryAfterMs).toBeGreaterThan(3_500_000);
      const none = await errorFor(() => errorReply(503, "", { "retry-after": "soon 7" }));
      expect(none.retryAfterMs).toBeUndefined();
    });

    it("reads a date by the clock of the sender", async () => {
      const sentMs = Date.now() - 400 * 24 * 3_600_000;
      const headers = {
        date: new Date(sentMs).toUTCString(),
        "retry-after": new Date(sentMs + 60_000).toUTCString(),
      };
      const error = await errorFor(() => errorReply(503, "", headers));
      expect(error.retryAfterMs).toBe(60_000);
    });

    it("masks the token and signed URLs that the library echoes", async () => {
      const said = "canary-1234 is bad, see https://s.example/x?X-Amz-Signature=abc";
      const error = await errorFor(() => errorReply(403, said), "canary-1234");
      expect(error.serverMessage).toBe("*** is bad, see https://s.example/x?***");
      expect(error.message).not.toContain("canary-1234");
    });

    it("does without a body that is not JSON, or endless", async () => {
      const page = await errorFor(() => new Response("<html>", { status: 502 }));
      expect(page).toMatchObject({ code: "internal" });
      expect(page.serverMessage).toBeUndefined();
      const chunk = new Uint8Array(65_536).fill(0x20);
      const endless = await errorFor(() => {
        const body = new ReadableStream<Uint8Array>({ pull: (c) => c.enqueue(chunk) });
        return new Response(body, { status: 500 });
      });
      expect(endless).toMatchObject({ code: "internal" });
    });
  });
});
