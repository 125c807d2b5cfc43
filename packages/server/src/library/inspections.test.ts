import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ANONYMOUS, type Principal } from "../access/principal.js";
import type { OpenBytes } from "../blobs/open-bytes.js";
import { createFixtures } from "../catalog/fixtures.contract.js";
import { insertImageIfAbsent } from "../catalog/images.js";
import { inspectBlob } from "./inspect-blob.js";
import { getImage } from "./images.js";
import { getInspection } from "./inspections.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  type TestLibrary,
} from "./uploads/fixtures.contract.js";
import { receiveV1Upload } from "./uploads/receive-v1-upload.js";

const SIF = buildSif({ labels: { version: "1" }, deffile: "Bootstrap: docker\n" });
const DIGEST = digestOf(SIF);
const HASH = DIGEST.replace(":", ".");
const REF = { ref: `alice/images/first:${HASH}`, arch: "" };

let site: TestLibrary;

beforeEach(async () => {
  site = await createTestLibrary();
});

afterEach(() => site.close());

const push = async () =>
  receiveV1Upload(site.library, site.alice, await site.imageOf(SIF), bodyOf(SIF));

const pushPrivately = async () => {
  const owner = { id: site.alice.userId, name: "alice", isAdmin: false, createdAtMs: 0 };
  const make = createFixtures(site.library.catalog);
  const { id: containerId } = await make.container(owner, "alice/images/secret", {
    container: true,
  });
  const { hash } = await site.imageOf(SIF);
  const nowMs = site.clock.nowMs;
  const given = { containerId, hash, description: "", createdBy: "alice", nowMs };
  const image = await insertImageIfAbsent(site.library.catalog, given);
  await receiveV1Upload(site.library, site.alice, image, bodyOf(SIF));
  return { ref: `alice/images/secret:${HASH}`, arch: "" };
};

describe("getInspection", () => {
  describe("when the image has been inspected", () => {
    it("returns what it holds", async () => {
      const { id } = await push();
      await inspectBlob(site.library, DIGEST);
      expect(await getInspection(site.library, ANONYMOUS, REF)).toMatchObject({
        image: id,
        hash: HASH,
        labels: { version: "1" },
        deffile: "Bootstrap: docker\n",
        objectCount: 3,
        problems: [],
      });
    });
  });

  describe("when its turn has not come", () => {
    it("inspects it now, once for all who ask", async () => {
      await push();
      let opened = 0;
      const openBlob = async (digest: typeof DIGEST): Promise<OpenBytes | undefined> => {
        opened += 1;
        return site.library.blobs.openBlob(digest);
      };
      const library = { ...site.library, blobs: { ...site.library.blobs, openBlob } };
      const asked = [1, 2, 3].map(() => getInspection(library, ANONYMOUS, REF));
      for (const inspection of await Promise.all(asked)) {
        expect(inspection.labels).toEqual({ version: "1" });
      }
      expect(opened).toBe(1);
    });

    it("rejects with internal when the stored bytes are damaged", async () => {
      await push();
      await site.library.blobs.deleteBlob(DIGEST);
      await expect(getInspection(site.library, ANONYMOUS, REF)).rejects.toMatchObject({
        code: "internal",
      });
    });
  });

  describe("when the image is private", () => {
    it("returns it to its owner; to others it is missing, also once it has been inspected", async () => {
      const query = await pushPrivately();
      const refused = async (principal: Principal) =>
        expect(getInspection(site.library, principal, query)).rejects.toMatchObject({
          code: "not-found",
        });
      await refused(ANONYMOUS);
      await refused(site.bob);
      const mine = await getInspection(site.library, site.alice, query);
      expect(mine.deffile).toBe("Bootstrap: docker\n");
      await refused(ANONYMOUS);
      await refused(site.bob);
      expect((await getInspection(site.library, admin(site.bob), query)).labels).toEqual({
        version: "1",
      });
    });
  });

  describe("when the image's bytes have not arrived", () => {
    it("rejects with not-found, to its owner too", async () => {
      await site.imageOf(SIF);
      await expect(getInspection(site.library, site.alice, REF)).rejects.toMatchObject({
        code: "not-found",
      });
    });
  });
});

describe("getImage", () => {
  it("returns the labels once the image has been inspected, and the UUID", async () => {
    await push();
    const before = await getImage(site.library, ANONYMOUS, REF);
    expect(before.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(before)).not.toContain("labels");
    await inspectBlob(site.library, DIGEST);
    expect(await getImage(site.library, ANONYMOUS, REF)).toEqual({
      ...before,
      labels: { version: "1" },
    });
  });
});

const admin = (principal: TestLibrary["alice"]) =>
  ({ ...principal, isAdmin: true, scope: "admin" }) as const;
