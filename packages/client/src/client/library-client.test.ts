import { inspect } from "node:util";

import { scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { DEFAULT_CONFIG, isLibraryError, LibraryClient } from "../index.js";

const TOKEN = "canary-token-0123456789";

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return isLibraryError(error) ? error.code : "other";
  }
  return undefined;
}

describe("LibraryClient", () => {
  describe("when it is made without options", () => {
    it("speaks to the default library, anonymously", () => {
      const client = new LibraryClient();
      expect(client.baseUrl).toBe("https://library.sylabs.io/");
      expect(client.authToken).toBe("");
      expect(client.userAgent).toBe(DEFAULT_CONFIG.userAgent);
    });
  });

  describe("when the base URL has a path", () => {
    it.each(["https://hub.example/lib", "https://hub.example/lib/"])(
      "sends requests below %s",
      async (baseUrl) => {
        const library = scriptLibrary();
        library.on(/./, () => Response.json({ data: { apiVersion: "1.0.0" } }));
        await new LibraryClient({ baseUrl, fetch: library.fetch }).getVersion();
        expect(library.requests[0]?.url.href).toBe("https://hub.example/lib/version");
      },
    );
  });

  describe("when an option is not valid", () => {
    it.each<[string, object]>([
      ["a relative base URL", { baseUrl: "library" }],
      ["an empty base URL", { baseUrl: "" }],
      ["a scheme that is not HTTP", { baseUrl: "library://a/b" }],
      ["a file URL", { baseUrl: "file:///etc" }],
      ["user info in the base URL", { baseUrl: "https://u:p@library.example" }],
      ["a query in the base URL", { baseUrl: "https://library.example/?a=1" }],
      ["an empty query in the base URL", { baseUrl: "https://library.example/?" }],
      ["a fragment in the base URL", { baseUrl: "https://library.example/#a" }],
      ["a line break in the token", { authToken: "a\nb" }],
      ["a space in the token", { authToken: "a b" }],
      ["a token that is not ASCII", { authToken: "tökén" }],
      ["a token that is not text", { authToken: 5 }],
      ["a line break in the user agent", { userAgent: "a\r\nx-evil: 1" }],
      ["an empty user agent", { userAgent: "" }],
      ["no time at all", { timeoutMs: 0 }],
      ["a time that timers cannot wait", { timeoutMs: 2 ** 31 }],
      ["a time that is no number", { completionTimeoutMs: Number.NaN }],
      ["no attempt", { retry: { maxAttempts: 0 } }],
      ["a negative delay", { retry: { baseDelayMs: -1 } }],
    ])("throws for %s", (_, options) => {
      expect(codeOf(() => new LibraryClient(options))).toBe("option-not-valid");
    });

    it("does not show a refused secret", () => {
      const options = [{ authToken: `${TOKEN}\n` }, { baseUrl: `https://u:${TOKEN}@x.example` }];
      for (const option of options) {
        try {
          new LibraryClient(option);
          expect.unreachable();
        } catch (error) {
          expect(inspect(error)).not.toContain(TOKEN);
        }
      }
    });
  });

  describe("when it is printed", () => {
    it("keeps the token to itself", () => {
      const client = new LibraryClient({ authToken: TOKEN });
      const deep = { depth: Infinity, showHidden: true, getters: true };
      expect(inspect(client, deep) + JSON.stringify(client)).not.toContain(TOKEN);
      expect(Object.keys(client)).not.toContain("authToken");
      expect(client.authToken).toBe(TOKEN);
    });
  });

  describe("when a transport fails with the token and a signed URL in its error", () => {
    it("rejects with an error that shows neither", async () => {
      const fetch = (input: string | URL) => {
        const cause = new Error(`refused ${String(input)}?sig=SIGNED`);
        const error = new TypeError(`fetch of ${String(input)}?sig=SIGNED with ${TOKEN} failed`);
        return Promise.reject(Object.assign(error, { cause, request: { token: TOKEN } }));
      };
      const client = new LibraryClient({ authToken: TOKEN, fetch, retry: false });
      const error: unknown = await client.getVersion().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "network", retryable: true });
      const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error);
      expect(shown).not.toContain(TOKEN);
      expect(shown).not.toContain("SIGNED");
    });
  });
});
