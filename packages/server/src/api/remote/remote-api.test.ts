import { createHash } from "node:crypto";

import { buildSif } from "@sifshelf/testing";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { issueToken } from "../../accounts/issue-token.js";
import { type AppDeps, buildApp } from "../../build-app.js";
import { insertContainerIfAbsent } from "../../catalog/containers.js";
import { findUserByName } from "../../catalog/users.js";
import { setTags } from "../../library/tags.js";
import {
  type TestLibrary,
  bodyOf,
  createTestLibrary,
} from "../../library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "../../library/uploads/receive-v1-upload.js";
import { createLogger } from "../../logger.js";

const DISCOVERY = "/assets/config/config.prod.json";
const headers = { host: "library.example.org" };

let site: TestLibrary;
let app: FastifyInstance;

beforeEach(async () => {
  site = await createTestLibrary();
  serve();
});

afterEach(async () => {
  await app.close();
  await site.close();
});

function serve(deps: Partial<AppDeps> = {}): void {
  const logger = createLogger({ level: "silent" });
  app = buildApp({ library: site.library, logger, version: "1.2.3", ...deps });
}

async function tokenOf(name: string): Promise<string> {
  const user = await findUserByName(site.library.catalog, name);
  if (user === undefined) throw new Error(`no user ${name}`);
  const nowMs = site.clock.nowMs;
  const grant = { scope: "read", label: "", expiresAtMs: null, nowMs } as const;
  return (await issueToken(site.library.catalog, user, grant)).secret;
}

describe("discovery", () => {
  it("names this server for every service, by the host that was asked", async () => {
    const reply = await app.inject({ url: DISCOVERY, headers });
    const uri = "http://library.example.org";
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({
      libraryAPI: { uri },
      tokenAPI: { uri },
      keystoreAPI: { uri },
    });
    expect(reply.headers["cache-control"]).toBe("no-store");
  });

  it.each(["https://hub.example.org", "https://hub.example.org/", "https://hub.example.org/x/"])(
    "names publicUrl %s without a slash at its end",
    async (publicUrl) => {
      serve({ publicUrl });
      const { libraryAPI, tokenAPI } = (await app.inject({ url: DISCOVERY, headers })).json();
      const uri = publicUrl.replace(/\/$/, "");
      expect([libraryAPI.uri, tokenAPI.uri]).toEqual([uri, uri]);
    },
  );

  it("names another key server where one is set, and that alone", async () => {
    serve({ keyServer: "https://keys.example.org" });
    const document = (await app.inject({ url: DISCOVERY, headers })).json();
    expect(document.keystoreAPI.uri).toBe("https://keys.example.org");
    expect(document.tokenAPI.uri).toBe("http://library.example.org");
  });

  it("rejects a host that cannot stand in a URL", async () => {
    const reply = await app.inject({ url: DISCOVERY, headers: { host: "evil/path" } });
    expect(reply.json()).toMatchObject({ error: { code: 400, reason: "bad-request" } });
  });
});

describe("identity", () => {
  const url = "/v1/rbac/users/current";

  it.each(["Bearer", "BEARER"])("returns the token that was presented as %s", async (scheme) => {
    const secret = await tokenOf("alice");
    await tokenOf("alice");
    const authorization = `${scheme} ${secret}`;
    const reply = await app.inject({ url, headers: { ...headers, authorization } });
    expect(reply.json()).toEqual({
      username: "alice",
      email: "alice@library.example.org",
      realname: "",
      oidc_user_meta: { secret },
    });
    expect(reply.headers["cache-control"]).toBe("no-store");
  });

  it.each([undefined, "Bearer", "Bearer sifs_unknown"])("returns nothing for %j", async (given) => {
    const authorization = given !== undefined && { authorization: given };
    const reply = await app.inject({ url, headers: { ...headers, ...authorization } });
    expect(reply.statusCode).toBe(401);
    expect(reply.body).not.toContain("secret");
  });
});

describe("token status", () => {
  it("is 200 for a valid token, and 404 for every other", async () => {
    const statusOf = async (authorization: string) =>
      (await app.inject({ url: "/v1/token-status", headers: { authorization } })).statusCode;
    expect(await statusOf(`Bearer ${await tokenOf("alice")}`)).toBe(200);
    expect(await statusOf("Bearer")).toBe(404);
    expect(await statusOf("Bearer sifs_unknown")).toBe(404);
    expect(await statusOf("nonsense")).toBe(404);
  });
});

/** Whether a page can load, run or submit nothing but the one style that it carries. */
function expectStrictPage(reply: { headers: object; body: string }): void {
  const style = /<style>(.*?)<\/style>/s.exec(reply.body)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(reply.headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  expect(reply.body).not.toMatch(/<(?:script|form|link|img|iframe)|\son\w+=/i);
}

describe("the page about tokens", () => {
  it("says how to get one", async () => {
    const reply = await app.inject({ url: "/auth/tokens", headers });
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain("sifshelf-server token create USER");
    expectStrictPage(reply);
  });
});

describe("the page of a container", () => {
  it("shows its tags and how to pull it", async () => {
    const bytes = buildSif({ seed: 1 });
    const image = await site.imageOf(bytes);
    await receiveV1Upload(site.library, site.alice, image, bodyOf(bytes));
    const containerId = image.container.id;
    const tags = [{ Arch: "amd64", Tag: "1.0", ImageID: image.id }];
    await setTags(site.library, site.alice, { containerId, tags });
    const reply = await app.inject({ url: "/library/alice/images/first", headers });
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain("<dt>amd64</dt><dd>1.0</dd>");
    expect(reply.body).toContain("singularity pull library://alice/images/first:1.0");
    expectStrictPage(reply);
  });

  it("escapes what its owner wrote", async () => {
    const description = `<script>alert("x")</script> & 'more'`;
    await describedContainer("hostile", { description, isPrivate: false });
    const reply = await app.inject({ url: "/library/alice/images/hostile", headers });
    expect(reply.body).toContain(
      "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;more&#39;",
    );
    expectStrictPage(reply);
  });

  it("looks the same for what is private and what is missing, but not to its owner", async () => {
    await describedContainer("hidden", { description: "hush", isPrivate: true });
    const hidden = await app.inject({ url: "/library/alice/images/hidden", headers });
    const missing = await app.inject({ url: "/library/alice/images/nothing", headers });
    const same = ({ "x-request-id": _, date: __, ...rest }: Record<string, unknown>) => rest;
    expect(hidden.statusCode).toBe(404);
    expect(hidden.body).toBe(missing.body);
    expect(same(hidden.headers)).toEqual(same(missing.headers));
    expectStrictPage(hidden);

    const authorization = `Bearer ${await tokenOf("alice")}`;
    const own = await app.inject({
      url: "/library/alice/images/hidden",
      headers: { ...headers, authorization },
    });
    expect(own.statusCode).toBe(200);
    expect(own.body).toContain("hush");
  });

  it("rejects what is no name, as a page", async () => {
    const reply = await app.inject({ url: "/library/alice/images/%3Cb%3E", headers });
    expect(reply.statusCode).toBe(400);
    expect(reply.body).not.toContain("<b>");
    expectStrictPage(reply);
  });

  async function describedContainer(
    name: string,
    options: { readonly description: string; readonly isPrivate: boolean },
  ): Promise<void> {
    const image = await site.imageOf(buildSif({ seed: 9 }));
    await insertContainerIfAbsent(site.library.catalog, {
      collectionId: image.container.collectionId,
      name,
      createdBy: "alice",
      nowMs: site.clock.nowMs,
      ...options,
    });
  }
});

describe("services that are missing", () => {
  it.each([
    ["GET", "/pks/lookup?op=get&exact=on&search=0x1"],
    ["GET", "/pks/lookup?fingerprint=on&op=index&options=mr&search=bob&x-pagesize=256"],
    ["POST", "/pks/add"],
  ] as const)("says to %s %s that there is no key server yet", async (method, url) => {
    const body = method === "POST" && { payload: "keytext=x" };
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const reply = await app.inject({ method, url, headers: { ...headers, ...type }, ...body });
    expect(reply.statusCode).toBe(501);
    expect(reply.json().error).toMatchObject({
      code: 501,
      message: expect.stringContaining("this server has no key server yet"),
    });
  });

  it.each(["/v2/", "/v2", "/v2/alice/images/manifests/latest"])(
    "says at %s that there is no registry yet, in the registry's words",
    async (url) => {
      const reply = await app.inject({ url, headers });
      expect(reply.statusCode).toBe(404);
      expect(reply.json().errors).toEqual([
        { code: "UNSUPPORTED", message: expect.stringContaining("no OCI registry yet") },
      ]);
    },
  );

  it.each([
    "/v1/oci-redirect?namespace=a/b/c",
    "/v1/nothing",
    "/v2/imagefile/x/y",
    "/v2/tags/x/y",
    "/transfers/x",
  ])("leaves %s to the Library protocol", async (url) => {
    const reply = await app.inject({ url, headers });
    expect(reply.json()).toMatchObject({ error: { code: 404, reason: "not-found" } });
  });
});
