import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RawReply, rawRequest } from "./raw-request.js";
import { type RunningLibrary, startLibrary } from "./running-library.js";

const AGENT = { "user-agent": "Singularity-Ce/4.5.0 (Linux amd64) Go/1.26" };

/**
 * The requests that SingularityCE 4.5.0 and Apptainer 1.5.3 send to a remote endpoint, as recorded
 * on the wire, and what these tools require of the replies.
 */
describe("a remote endpoint", () => {
  let library: RunningLibrary;
  let token: string;

  beforeAll(async () => {
    library = await startLibrary();
    token = await library.addUser("alice");
  });

  afterAll(async () => {
    await library?.stop();
  });

  async function get(path: string, headers: Readonly<Record<string, string>> = AGENT) {
    const { host } = new URL(library.url);
    return await rawRequest(library.url, { method: "GET", path, headers: { host, ...headers } });
  }

  /** The services of the discovery document, by the tools' names for them. */
  async function services(): Promise<ReadonlyMap<string, string>> {
    const reply = await get("/assets/config/config.prod.json");
    expect(reply.status).toBe(200);
    const document: Readonly<Record<string, { uri: string }>> = JSON.parse(reply.body.toString());
    return new Map(
      Object.entries(document).map(([key, value]) => {
        // Any other kind of value makes the whole document undecodable.
        expect(value).toBeTypeOf("object");
        return [key.replace(/API$/, ""), value.uri];
      }),
    );
  }

  it("names all services that commands need, as URIs that paths can be appended to", async () => {
    const found = await services();
    expect([...found.keys()].toSorted()).toEqual(["keystore", "library", "token"]);
    for (const uri of found.values()) expect(uri).toBe(library.url);
  });

  it("has a version at each of its own services, as `remote status` requests", async () => {
    for (const uri of (await services()).values()) {
      const reply = await rawRequest(uri, { method: "GET", path: "/version", headers: AGENT });
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body.toString()).data.version).toMatch(/^\d+\.\d+\.\d+/);
    }
  });

  it("accepts a token at login, and rejects a bad one as invalid", async () => {
    const status = async (given: string) =>
      (await get("/v1/token-status", { ...AGENT, authorization: `Bearer ${given}` })).status;
    expect(await status(token)).toBe(200);
    expect(await status("x".repeat(213))).toBe(404);
  });

  it("returns the logged-in user, and nothing without a login", async () => {
    const identity = (authorization: string): Promise<RawReply> =>
      get("/v1/rbac/users/current", { authorization });
    const own = JSON.parse((await identity(`Bearer ${token}`)).body.toString());
    expect(own).toMatchObject({ username: "alice", oidc_user_meta: { secret: token } });
    expect((await identity("Bearer")).status).toBe(401);
  });

  it("replies to key lookups by logged-in and logged-out users with a text", async () => {
    for (const authorization of ["Bearer", `Bearer ${token}`]) {
      const path = "/pks/lookup?exact=on&op=get&search=0x46ac7bcc09e955fa";
      const reply = await get(path, { ...AGENT, authorization });
      expect(reply.status).toBe(501);
      expect(JSON.parse(reply.body.toString()).error.message).toContain("no key server");
    }
  });

  it("accepts the upload of a key as a form with a body", async () => {
    const reply = await rawRequest(library.url, {
      method: "POST",
      path: "/pks/add",
      headers: { ...AGENT, "content-type": "application/x-www-form-urlencoded" },
      body: `keytext=${"x".repeat(20_000)}`,
    });
    expect(reply.status).toBe(501);
  });

  it("declines to be a registry", async () => {
    const reply = await get("/v2/", { "user-agent": "Go-http-client/1.1" });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.body.toString()).errors[0].code).toBe("UNSUPPORTED");
  });

  it("has pages at the addresses that `remote login` and `push` print", async () => {
    const page = await get("/auth/tokens");
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect((await get("/library/alice/images/nothing")).status).toBe(404);
  });
});
