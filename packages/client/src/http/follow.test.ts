import { dataReply, scriptLibrary } from "@sifshelf/testing";
import { afterEach, describe, expect, it, vi } from "vitest";

import { LibraryClient } from "../index.js";

const TOKEN = "canary";

function redirect(location: string, status = 302): Response {
  return new Response(null, { status, headers: { location } });
}

function setUp(baseUrl = "https://library.example") {
  const library = scriptLibrary();
  const client = new LibraryClient({
    baseUrl,
    fetch: library.fetch,
    authToken: TOKEN,
    retry: false,
  });
  /** The token at each hop, in order. */
  const tokens = () => library.requests.map(({ headers }) => headers.get("authorization"));
  return { library, client, tokens };
}

describe("sendFollowing", () => {
  describe("when the origin stays", () => {
    it.each([301, 302, 303, 307, 308])("follows %i with the token", async (status) => {
      const { library, client, tokens } = setUp();
      library.on(/entities\/alice$/, () => redirect("/moved", status));
      library.on(/moved$/, () => dataReply({ id: "a" }));
      await client.getEntity("alice");
      expect(tokens()).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
    });
  });

  describe("when the origin changes", () => {
    it.each([
      "https://library.example:8443/moved",
      "https://cdn.library.example/moved",
      "https://library.example./moved",
      "https://xn--librry-qta.example/moved",
      "https://other.example/moved",
    ])("follows to %s without the token", async (location) => {
      const { library, client, tokens } = setUp();
      library.on(/entities\/alice$/, () => redirect(location));
      library.on(/moved$/, () => dataReply({ id: "a" }));
      await client.getEntity("alice");
      expect(tokens()).toEqual([`Bearer ${TOKEN}`, null]);
      expect(library.requests[1]?.headers.has("referer")).toBe(false);
    });

    it("gives the token only at the library's own hops of A, B, A", async () => {
      const { library, client, tokens } = setUp();
      library.on(/entities\/alice$/, () => redirect("https://other.example/back"));
      library.on(/back$/, () => redirect("https://library.example/moved"));
      library.on(/moved$/, () => dataReply({ id: "a" }));
      await client.getEntity("alice");
      expect(tokens()).toEqual([`Bearer ${TOKEN}`, null, `Bearer ${TOKEN}`]);
    });
  });

  describe("when a redirect must not be followed", () => {
    it.each([
      ["http://library.example/moved", "redirect-refused"],
      ["http://other.example/moved", "redirect-refused"],
      ["https://u:p@library.example/moved", "redirect-refused"],
      ["ftp://library.example/moved", "redirect-refused"],
      ["file:///etc/passwd", "redirect-refused"],
      ["https://127.0.0.1/moved", "redirect-refused"],
      ["https://localhost/moved", "redirect-refused"],
      ["https://2130706433/moved", "redirect-refused"],
      ["https://0x7f.1/moved", "redirect-refused"],
      ["https://[::1]/moved", "redirect-refused"],
      ["https://[::ffff:127.0.0.1]/moved", "redirect-refused"],
      ["https://169.254.169.254/latest/meta-data", "redirect-refused"],
      ["https://[fe80::1]/moved", "redirect-refused"],
      ["https://[broken", "protocol"],
    ])("rejects %s with %s and asks nobody", async (location, code) => {
      const { library, client } = setUp();
      library.on(/entities\/alice$/, () => redirect(location));
      await expect(client.getEntity("alice")).rejects.toMatchObject({ code });
      expect(library.requests).toHaveLength(1);
    });

    it("rejects a redirect to nowhere and endless ones", async () => {
      const { library, client } = setUp();
      library.on(/alice$/, () => new Response(null, { status: 302 }));
      await expect(client.getEntity("alice")).rejects.toMatchObject({ code: "protocol" });
      library.on(/./, () => redirect("/again"));
      await expect(client.getEntity("bob")).rejects.toMatchObject({ code: "protocol" });
      expect(library.requests).toHaveLength(1 + 6);
    });

    it("rejects a redirect that would turn a request that is no GET into one", async () => {
      const { library, client } = setUp();
      library.on(/POST/, () => redirect("/moved", 303));
      const created = client.createEntity({ name: "alice" });
      await expect(created).rejects.toMatchObject({ code: "redirect-refused" });
    });
  });

  describe("when the library itself is on this machine", () => {
    it("follows to this machine", async () => {
      const { library, client } = setUp("http://127.0.0.1:8080");
      library.on(/entities\/alice$/, () => redirect("http://localhost:9000/moved"));
      library.on(/moved$/, () => dataReply({ id: "a" }));
      await client.getEntity("alice");
      expect(library.requests).toHaveLength(2);
    });
  });

  describe("when the platform hides redirects, as browsers do", () => {
    const hiding = (modes: unknown[]) => (_: string | URL, init?: RequestInit) => {
      modes.push(init?.redirect);
      if (init?.redirect === "follow") return Promise.resolve(dataReply({ id: "a" }));
      const reply = new Response();
      Object.defineProperty(reply, "type", { value: "opaqueredirect" });
      return Promise.resolve(reply);
    };
    afterEach(() => vi.unstubAllGlobals());

    it("lets the platform follow", async () => {
      const modes: unknown[] = [];
      await new LibraryClient({ fetch: hiding(modes) }).getEntity("alice");
      expect(modes).toEqual(["manual", "follow"]);
    });

    it("lets a browser follow at once", async () => {
      vi.stubGlobal("document", {});
      const modes: unknown[] = [];
      await new LibraryClient({ fetch: hiding(modes) }).getEntity("alice");
      expect(modes).toEqual(["follow"]);
    });

    it("refuses what is not a GET", async () => {
      vi.stubGlobal("document", {});
      const client = new LibraryClient({ fetch: hiding([]) });
      await expect(client.createEntity({ name: "alice" })).rejects.toMatchObject({
        code: "redirect-refused",
      });
    });
  });
});
