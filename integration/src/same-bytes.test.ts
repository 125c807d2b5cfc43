import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RawLibrary, pushRaw, rawLibrary, sha256Hex } from "./raw-library.js";
import { type TestLibrary, startTestLibrary } from "./test-library.js";

const bytes = buildSif({ seed: 1515 });
const hash = `sha256.${sha256Hex(bytes)}`;

let site: TestLibrary;
let library: RawLibrary;
let owner: string;
let other: string;

beforeAll(async () => {
  site = await startTestLibrary();
  library = rawLibrary(site.url);
  owner = await (await site.addUser("owner")).createToken("write");
  other = await (await site.addUser("other")).createToken("write");
  const names = { entity: "owner", collection: "secret", container: "image" };
  await pushRaw(library, { token: owner, ...names, bytes, isPrivate: true });
});
afterAll(() => site.close());

describe("bytes that another user has pushed in private", () => {
  describe("when another user knows their hash", () => {
    it("are neither shown, tagged nor served until that user has sent them", async () => {
      const names = { entity: "other", collection: "own", container: "image" };
      const mine = await pushRaw(library, { token: other, ...names, bytes, recordOnly: true });
      const ref = `other/own/image:${hash}`;
      const get = (kind: string, token?: string) =>
        library.send("GET", `v1/${kind}/${ref}`, { token });

      const record = await get("images", other);
      expect(record).toMatchObject({ status: 200, data: { uploaded: false, size: 0 } });
      expect(record.data.arch).toBeUndefined();
      expect(record.data.fingerprints).toBeUndefined();
      expect(await get("imagefile", other)).toMatchObject({ status: 404 });

      const upload = `v2/imagefile/${mine.imageId}`;
      const empty = await library.send("PUT", `${upload}/_complete`, { token: other, json: {} });
      expect(empty.status).toBe(409);
      const json = { filesize: bytes.length, sha256sum: sha256Hex(bytes) };
      const started = await library.send("POST", upload, { token: other, json });
      expect(started.data.uploadURL).toMatch(/^http/);
      const unsent = await library.send("PUT", `${upload}/_complete`, { token: other, json: {} });
      expect(unsent.status).toBe(409);
      const tag = { Arch: "amd64", Tag: "stolen", ImageID: mine.imageId };
      const tagged = await library.send("POST", `v2/tags/${mine.containerId}`, {
        token: other,
        json: tag,
      });
      expect(tagged.status).toBe(409);

      const sent = await library.send("PUT", started.data.uploadURL, { body: bytes });
      expect(sent.status).toBe(200);
      const done = await library.send("PUT", `${upload}/_complete`, { token: other, json: {} });
      expect(done.status).toBe(200);
      expect(await get("images", other)).toMatchObject({ data: { uploaded: true } });
    });
  });

  describe("when the hash is requested in another container", () => {
    it("are missing, also for the user who pushed them", async () => {
      for (const token of [undefined, other, owner]) {
        const reply = await library.send("GET", `v1/images/library/default/image:${hash}`, {
          token,
        });
        expect(reply.status).toBe(404);
      }
    });
  });
});
