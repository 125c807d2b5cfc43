import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RawLibrary, pushRaw, rawLibrary } from "./raw-library.js";
import { runServerCommand } from "./server-process.js";
import { describeServedBytes } from "./served-bytes.contract.js";
import { type TestLibrary, startTestLibrary } from "./test-library.js";

const BYTES = buildSif({ seed: 9000, payloadBytes: 300_000 });
const REF = "ann/c/n:latest";

interface Site {
  readonly site: TestLibrary;
  readonly library: RawLibrary;
  readonly token: string;
}

async function openSite(options: Parameters<typeof startTestLibrary>[0] = {}): Promise<Site> {
  const site = await startTestLibrary(options);
  const library = rawLibrary(site.url);
  const token = await (await site.addUser("ann")).createToken("write");
  await pushRaw(library, { token, entity: "ann", collection: "c", container: "n", bytes: BYTES });
  return { site, library, token };
}

describe("a library that redirects downloads", () => {
  let open: Site;
  beforeAll(async () => {
    open = await openSite();
  });
  afterAll(() => open.site.close());

  const locationOf = async (ref = REF, token?: string) =>
    (await open.library.send("GET", `v1/imagefile/${ref}`, { token })).headers.get("location") ??
    "";
  const downloads = async () =>
    (await open.library.send("GET", "v1/containers/ann/c/n")).data.downloadCount;

  it("returns 303 with an absolute URL of its own", async () => {
    const reply = await open.library.send("GET", `v1/imagefile/${REF}`);
    expect(reply.status).toBe(303);
    expect(reply.headers.get("location")).toMatch(
      new RegExp(`^${open.site.url}/transfers/images/[0-9a-f]{24}\\?`),
    );
  });

  it("uses the host of the request in the URL", async () => {
    const url = open.site.url.replace("127.0.0.1", "localhost");
    const reply = await rawLibrary(url).send("GET", `v1/imagefile/${REF}`);
    expect(reply.headers.get("location")).toMatch(/^http:\/\/localhost:\d+\//);
  });

  it("counts a pull once, regardless of its number of ranges", async () => {
    const before = await downloads();
    const location = await locationOf();
    await Promise.all(
      ["bytes=0-9", "bytes=10-19", "bytes=20-"].map((range) =>
        open.library.send("GET", location, { headers: { range } }),
      ),
    );
    await open.library.send("HEAD", `v1/imagefile/${REF}`);
    expect(await downloads()).toBe(before + 1);
  });

  it("refuses a signed URL that was changed", async () => {
    const url = new URL(await locationOf());
    url.searchParams.set("expires", String(Number(url.searchParams.get("expires")) + 1));
    expect((await open.library.send("GET", url.href)).error).toMatchObject({
      code: 403,
      reason: "forbidden",
    });
    expect((await open.library.send("GET", url.origin + url.pathname)).error).toMatchObject({
      code: 403,
    });
  });

  it("revokes a signed URL with its image, and with its token", async () => {
    const bytes = buildSif({ seed: 9001 });
    const hidden = {
      token: open.token,
      entity: "ann",
      collection: "hidden",
      container: "x",
      bytes,
      isPrivate: true,
    };
    await pushRaw(open.library, hidden);
    const made = JSON.parse(
      await runServerCommand(
        "token",
        "create",
        "ann",
        "--data",
        open.site.folder,
        "--scope",
        "read",
        "--json",
      ),
    );
    const [byReader, byOwner] = [
      await locationOf("ann/hidden/x", made.token),
      await locationOf("ann/hidden/x", open.token),
    ];
    expect((await open.library.send("GET", byReader)).status).toBe(200);
    await runServerCommand("token", "revoke", made.id, "--data", open.site.folder);
    expect((await open.library.send("GET", byReader)).status).toBe(401);
    expect((await open.library.send("GET", byOwner)).status).toBe(200);
    await open.library.send("DELETE", "v1/images/ann/hidden/x:latest?arch=amd64", {
      token: open.token,
    });
    expect((await open.library.send("GET", byOwner)).status).toBe(404);
  });

  describeServedBytes(BYTES, async (method, headers = {}) =>
    open.library.send(method, await locationOf(), { headers }),
  );
});

describe("a library that streams downloads", () => {
  let open: Site;
  beforeAll(async () => {
    open = await openSite({ downloads: "stream" });
  });
  afterAll(() => open.site.close());

  describeServedBytes(BYTES, (method, headers = {}) =>
    open.library.send(method, `v1/imagefile/${REF}`, { headers }),
  );
});

describe("a library that requires a token for reading", () => {
  let open: Site;
  beforeAll(async () => {
    open = await openSite({ anonymousRead: false, entityCreation: "own-name" });
  });
  afterAll(() => open.site.close());

  it.each([
    "v1/entities/ann",
    "v1/entities/nobody",
    `v1/images/${REF}`,
    `v1/imagefile/${REF}`,
    "v1/search?value=ann",
  ])("returns 401 for %s, whether it exists or not", async (path) => {
    expect((await open.library.send("GET", path)).error).toMatchObject({
      code: 401,
      reason: "unauthorized",
    });
    expect(
      (await open.library.send("GET", path, { headers: { authorization: "Bearer " } })).status,
    ).toBe(401);
  });

  it("still returns its version, and serves users with a token", async () => {
    expect((await open.library.send("GET", "version")).status).toBe(200);
    expect((await open.library.send("GET", `v1/images/${REF}`, { token: open.token })).status).toBe(
      200,
    );
  });

  it("lets users create only the entity of their own name", async () => {
    const create = (name: string) =>
      open.library.send("POST", "v1/entities", { token: open.token, json: { name } });
    expect([(await create("ann")).status, (await create("bert")).status]).toEqual([200, 403]);
  });
});
