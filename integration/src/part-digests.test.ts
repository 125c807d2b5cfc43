import { randomBytes } from "node:crypto";

import { routePath } from "@sifshelf/protocol";
import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { pushRaw, type RawLibrary, rawLibrary, sha256Hex } from "./raw-library.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;

let site: TestLibrary;
let library: RawLibrary;
let token = "";
let imageId = "";
/** Two parts of 1 MiB and a shorter one. */
let bytes = new Uint8Array();

beforeAll(async () => {
  site = await startTestLibrary();
  library = rawLibrary(site.url);
  token = await (await site.addUser("owner")).createToken("write");
  const sif = buildSif({ seed: 910_000 });
  bytes = Buffer.concat([sif, randomBytes(2 * MIB + 1000 - sif.length)]);
  const names = { entity: "owner", collection: "c", container: "app" };
  ({ imageId } = await pushRaw(library, { token, ...names, bytes }));
});

afterAll(() => site.close());

const ask = (query: string) =>
  library.send("GET", `${routePath("getPartDigests", { imageId })}?${query}`, { token });

const digestOf = (first: number, end?: number) => `sha256:${sha256Hex(bytes.slice(first, end))}`;

describe("GET v2/imagefile/{imageId}/_digests", () => {
  describe("when parts of the image are requested", () => {
    it("returns one digest for each, in order, up to the end of the image", async () => {
      const { status, data } = await ask(`partSize=${MIB}&first=0&count=4`);
      expect(status).toBe(200);
      const digests = [digestOf(0, MIB), digestOf(MIB, 2 * MIB), digestOf(2 * MIB)];
      expect(data).toEqual({ partSize: MIB, first: 0, digests });
    });

    it("begins with the requested part", async () => {
      const { data } = await ask(`partSize=${2 * MIB}&first=1&count=1`);
      expect(data).toEqual({ partSize: 2 * MIB, first: 1, digests: [digestOf(2 * MIB)] });
    });
  });

  it.each([
    ["a part that is no multiple of a MiB", `partSize=${MIB + 1}&first=0&count=1`],
    ["parts that are too large", `partSize=${513 * MIB}&first=0&count=1`],
    ["no part", `partSize=${MIB}&first=0&count=0`],
    ["more than a GiB", `partSize=${512 * MIB}&first=0&count=3`],
    ["a negative part", `partSize=${MIB}&first=-1&count=1`],
    ["nothing in particular", ""],
  ])("returns bad-request for %s", async (_, query) => {
    const { status, error } = await ask(query);
    expect([status, error.reason]).toEqual([400, "bad-request"]);
  });

  it("returns range-not-satisfiable if the parts are beyond the end", async () => {
    const { status, error } = await ask(`partSize=${MIB}&first=3&count=1`);
    expect([status, error.reason]).toEqual([416, "range-not-satisfiable"]);
  });
});
