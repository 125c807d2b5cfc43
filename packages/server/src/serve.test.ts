import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type RunningServer, type StartServerOptions, startServer } from "./serve.js";

describe("startServer", () => {
  let folder: string;
  let data: string;
  let running: RunningServer[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-serve-"));
    data = join(folder, "data");
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((server) => server.close()));
    rmSync(folder, { recursive: true });
  });

  async function start(options: Partial<StartServerOptions> = {}): Promise<RunningServer> {
    const server = await startServer({ data, listen: { host: "127.0.0.1", port: 0 }, ...options });
    running.push(server);
    return server;
  }

  describe("when the data folder is new", () => {
    it("returns where it listens and a token that works", async () => {
      const { url, adminToken } = await start();

      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await userOf(url, adminToken)).toBe("admin");
    });

    it("has the entity and collection that short refs lead to", async () => {
      const { url } = await start();

      expect((await fetch(`${url}/v1/entities/library`)).status).toBe(200);
      expect((await fetch(`${url}/v1/collections/library/default`)).status).toBe(200);
    });

    it("listens on IPv6 and on wildcard addresses, with a URL that can be reached", async () => {
      const { url } = await start({ listen: { host: "0.0.0.0", port: 0 } });

      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    });
  });

  describe("when the data folder was served before", () => {
    it("returns no token; the first one still works", async () => {
      const first = await start();
      await first.close();
      const second = await start();

      expect(second.adminToken).toBeUndefined();
      expect(await userOf(second.url, first.adminToken)).toBe("admin");
    });
  });

  describe("when another server has the data folder", () => {
    it("rejects, and the other goes on", async () => {
      const { url } = await start();

      await expect(start()).rejects.toMatchObject({
        name: "DataFolderError",
        code: "data-folder-in-use",
      });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    });
  });

  describe("when it cannot start", () => {
    it("rejects an address in use, and leaves the data folder free", async () => {
      const other = await start({ data: join(folder, "other") });
      const port = Number(new URL(other.url).port);

      await expect(start({ listen: { host: "127.0.0.1", port } })).rejects.toMatchObject({
        name: "ListenError",
        code: "listen-failed",
      });
      expect((await start()).adminToken).toBeUndefined();
    });

    it("rejects a damaged catalog, and leaves the data folder free", async () => {
      await (await start()).close();
      writeFileSync(join(data, "catalog.sqlite"), Buffer.alloc(50_000, 0xa5));

      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(start()).rejects.toMatchObject({
          name: "CatalogError",
          code: "catalog-corrupt",
        });
      }
    });

    it("rejects a catalog of a later release", async () => {
      await (await start()).close();
      const database = new Database(join(data, "catalog.sqlite"));
      database.exec("insert into catalog_versions values (999, 'later', 1, 999)");
      database.close();

      await expect(start()).rejects.toMatchObject({
        name: "CatalogError",
        code: "catalog-too-new",
      });
    });
  });

  describe("when closed", () => {
    it("listens no more, and takes a second close as the first", async () => {
      const server = await start();
      await Promise.all([server.close(), server.close()]);
      await server.close();

      await expect(fetch(`${server.url}/healthz`)).rejects.toBeInstanceOf(TypeError);
    });
  });
});

async function userOf(url: string, token: string | undefined): Promise<unknown> {
  const response = await fetch(`${url}/v1/rbac/users/current`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body: unknown = await response.json();
  return typeof body === "object" && body !== null && "username" in body
    ? body.username
    : undefined;
}
