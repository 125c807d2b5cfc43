import { ROUTES } from "@sifshelf/protocol";
import { buildSif } from "@sifshelf/testing";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { REMOTE_ROUTES } from "../api/remote/remote-routes.js";
import { buildApp } from "../build-app.js";
import {
  bodyOf,
  createTestLibrary,
  type TestLibrary,
} from "../library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "../library/uploads/receive-v1-upload.js";
import { createLogger } from "../logger.js";

const APP = "https://app.example.org";

/** Every path of the protocols once, with something in its places, and one that is none. */
const PATHS = [
  ...new Set(
    Object.values({ ...ROUTES, ...REMOTE_ROUTES }).map(
      ({ path }) => `/${path.replaceAll(/\{[^}]+\}/g, "x")}`,
    ),
  ),
  "/healthz",
  "/nowhere",
];

/** What is not {@link APP}, however much it looks like it. */
const OTHERS = [
  "null",
  "http://app.example.org",
  "https://app.example.org:8443",
  "https://app.example.org.evil.example",
  "https://evil.example/https://app.example.org",
  "https://sub.app.example.org",
  "HTTPS://APP.EXAMPLE.ORG",
  "*",
  "",
];

let site: TestLibrary;
let app: FastifyInstance;

beforeEach(async () => {
  site = await createTestLibrary();
  serve([APP]);
});

afterEach(async () => {
  await app.close();
  await site.close();
});

function serve(corsOrigins: readonly string[] | undefined): void {
  const logger = createLogger({ level: "silent" });
  app = buildApp({ library: site.library, logger, version: "1.2.3", corsOrigins });
}

async function preflight(url: string, origin: string, method = "PUT") {
  const headers = {
    host: "localhost",
    origin,
    "access-control-request-method": method,
    "access-control-request-headers": "authorization, x-anything",
  };
  return app.inject({ method: "OPTIONS", url, headers });
}

function grants(headers: object): string[] {
  return Object.keys(headers).filter((name) => name.startsWith("access-control-"));
}

async function storedImage(): Promise<string> {
  const bytes = buildSif();
  const image = await site.imageOf(bytes);
  await receiveV1Upload(site.library, site.alice, image, bodyOf(bytes));
  return `/v1/imagefile/alice/images/first:${image.hash}`;
}

describe("CORS", () => {
  describe("when no origins are set", () => {
    beforeEach(() => serve(undefined));

    it("grants nothing, to replies and preflights alike", async () => {
      const reply = await app.inject({ url: "/version", headers: { origin: APP } });
      expect(grants(reply.headers)).toEqual([]);
      expect(reply.headers["vary"]).toBeUndefined();
      for (const url of PATHS) {
        const asked = await preflight(url, APP);
        expect([asked.statusCode, grants(asked.headers)]).toEqual([404, []]);
      }
    });
  });

  describe("when a page of a listed origin asks", () => {
    it.each(PATHS)(
      "agrees to a preflight of %s, with the methods and headers of the protocol",
      async (url) => {
        const reply = await preflight(url, APP);
        expect(reply.statusCode).toBe(204);
        expect(reply.body).toBe("");
        expect(reply.headers).toMatchObject({
          vary: "Origin",
          "access-control-allow-origin": APP,
          "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
          "access-control-allow-headers":
            "Authorization, Content-Type, If-None-Match, If-Range, Range, X-Amz-Content-Sha256",
          "access-control-max-age": "7200",
        });
      },
    );

    it("lets it read what is replied, and nothing with cookies", async () => {
      const { headers } = await app.inject({ url: "/version", headers: { origin: APP } });
      expect(headers).toMatchObject({ vary: "Origin", "access-control-allow-origin": APP });
      expect(headers["access-control-expose-headers"]).toBe(
        "Accept-Ranges, Content-Length, Content-Range, ETag, Location, Retry-After, WWW-Authenticate, X-Request-Id",
      );
      expect(headers).not.toHaveProperty("access-control-allow-credentials");
    });

    it.each([
      ["of a route", "/v1/images/alice/images/nothing:latest", 404],
      ["of no route", "/nowhere", 404],
      ["without a token", "/v1/rbac/users/current", 401],
      ["of a signed URL that is none", "/transfers/images/0123456789abcdef01234567", 403],
      ["of a URL that cannot be looked up", "/v1/entities/%zz", 400],
    ])("lets it read an error %s", async (_, url, status) => {
      const reply = await app.inject({ url, headers: { origin: APP } });
      expect(reply.statusCode).toBe(status);
      expect(reply.headers).toMatchObject({ vary: "Origin", "access-control-allow-origin": APP });
      expect(reply.headers["access-control-expose-headers"]).toContain("X-Request-Id");
    });

    it("lets it follow a redirect to a signed URL and read the range there", async () => {
      const headers = { origin: APP, host: "localhost" };
      const redirect = await app.inject({ url: await storedImage(), headers });
      expect(redirect.statusCode).toBe(303);
      expect(redirect.headers["access-control-allow-origin"]).toBe(APP);
      const { pathname, search } = new URL(String(redirect.headers["location"]));
      const ranged = { ...headers, range: "bytes=0-9" };
      const part = await app.inject({ url: `${pathname}${search}`, headers: ranged });
      expect(part.statusCode).toBe(206);
      expect(part.headers["access-control-allow-origin"]).toBe(APP);
    });

    it("answers as it does without an origin", async () => {
      const url = await storedImage();
      for (const path of [...PATHS, url]) {
        const headers = { host: "localhost" };
        const plain = await app.inject({ url: path, headers });
        const asked = await app.inject({ url: path, headers: { ...headers, origin: APP } });
        expect([path, asked.statusCode]).toEqual([path, plain.statusCode]);
      }
    });

    it("knows no OPTIONS but preflights", async () => {
      const headers = { origin: APP };
      const reply = await app.inject({ method: "OPTIONS", url: "/version", headers });
      expect(reply.statusCode).toBe(404);
    });
  });

  describe("when a page of any other origin asks", () => {
    it.each(OTHERS)(
      "grants %j nothing, and marks the reply as one that depends",
      async (origin) => {
        const asked = await preflight("/version", origin);
        expect([asked.statusCode, grants(asked.headers)]).toEqual([404, []]);
        const reply = await app.inject({ url: "/version", headers: { origin } });
        expect([reply.statusCode, grants(reply.headers)]).toEqual([200, []]);
        expect(reply.headers["vary"]).toBe("Origin");
      },
    );
  });

  describe("when every origin is allowed", () => {
    beforeEach(() => serve(["*"]));

    it.each([APP, "null", "http://localhost:1"])("grants %s the same", async (origin) => {
      const asked = await preflight("/version", origin, "GET");
      expect(asked.statusCode).toBe(204);
      expect(asked.headers["access-control-allow-origin"]).toBe("*");
      expect(asked.headers).not.toHaveProperty("access-control-allow-credentials");
      const reply = await app.inject({ url: "/version", headers: { origin } });
      expect(reply.headers["access-control-allow-origin"]).toBe("*");
    });

    it("says nothing to who names no origin", async () => {
      const reply = await app.inject({ url: "/version" });
      expect(grants(reply.headers)).toEqual([]);
    });
  });
});
