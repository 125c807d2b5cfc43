import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Catalog } from "./catalog.js";
import {
  ADMIN,
  ANYONE,
  userView,
  CONTENTS,
  NOW_MS,
  type OpenedCatalog,
  createFixtures,
} from "./fixtures.contract.js";
import { insertInspectionIfAbsent } from "./inspections.js";
import type { Viewer } from "../access/viewer.js";
import type { ContainerRecord, ImageRecord, UserRecord } from "./records.js";
import { searchCollections, searchContainers, searchEntities, searchImages } from "./search.js";

/** What every catalog's search must do. */
export function describeSearch(openCatalog: () => Promise<OpenedCatalog>): void {
  describe("search", () => {
    let opened: OpenedCatalog;
    let catalog: Catalog;
    let make: ReturnType<typeof createFixtures>;
    let alice: UserRecord;
    let container: ContainerRecord;

    const imageIds = async (
      text: string,
      options: Partial<Parameters<typeof searchImages>[1]> = {},
    ) =>
      (await searchImages(catalog, { viewer: ANYONE, limit: 50, text, ...options })).map(
        (image) => image.id,
      );

    beforeEach(async () => {
      opened = await openCatalog();
      catalog = opened.catalog;
      make = createFixtures(catalog);
      alice = await make.user("alice");
      container = await make.container(alice, "lab/tools/alpine");
    });
    afterEach(() => opened.close());

    describe("when text is part of a name", () => {
      it("returns entities, collections and containers by any name of their path", async () => {
        const options = { viewer: ANYONE, limit: 10 };

        expect(
          (await searchEntities(catalog, { ...options, text: "LA" })).map((found) => found.name),
        ).toEqual(["lab"]);
        expect(
          (await searchCollections(catalog, { ...options, text: "ab/too" })).map(
            (found) => found.name,
          ),
        ).toEqual(["tools"]);
        expect(
          (await searchContainers(catalog, { ...options, text: "LPI" })).map((found) => found.id),
        ).toEqual([container.id]);
        expect(await searchContainers(catalog, { ...options, text: "debian" })).toEqual([]);
      });

      it("returns images by path, hash, tag, and container with tag", async () => {
        const image = await make.uploadedImage(container.id, 0xabc);
        await make.tag(image, "v3.18", "arm64");

        for (const text of [
          "alpine",
          "lab/tools/alpine",
          "abc",
          "sha256.000",
          "3.18",
          "alpine:v3",
        ]) {
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
        }
      });
    });

    describe("when text is part of a description", () => {
      it("returns images whatever the case, beyond ASCII too", async () => {
        const image = await make.uploadedImage(container.id, 1, { description: "Crème BRÛLÉE" });

        for (const text of ["crème", "CRÈME", "brûlée"])
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
      });
    });

    describe("when text is part of a label", () => {
      it("returns images by key, value, or both, whatever the case", async () => {
        const image = await make.uploadedImage(container.id, 1);
        await make.uploadedImage(container.id, 2);
        await label(catalog, image, { "org.example.Author": "Crème BRÛLÉE", version: "1.2" });

        for (const text of ["example.author", "brûlée", "AUTHOR=CRÈME", "version=1.2"])
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
        expect(await imageIds("version=1.3")).toEqual([]);
        expect(await imageIds("brûlée", { arches: ["s390x"] })).toEqual([]);
      });

      it("takes characters that patterns use as they are, in text and in labels", async () => {
        const image = await make.uploadedImage(container.id, 1);
        const plain = await make.uploadedImage(container.id, 2);
        await label(catalog, image, { quality: String.raw`100%_\ 'x"` });
        await label(catalog, plain, { quality: "100 percent" });

        for (const text of ["=100%", "%_", "_\\", "'x\""])
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
        expect(await imageIds("y%1")).toEqual([]);
        expect(await imageIds("quality_100")).toEqual([]);
      });

      it("finds what comes after a NUL", async () => {
        const image = await make.uploadedImage(container.id, 1);
        await label(catalog, image, { a: "before\u0000after" });

        expect(await imageIds("after")).toEqual([image.id]);
      });

      it("returns private images to those who may see them only", async () => {
        const hidden = await make.container(alice, "lab/tools/app", { container: true });
        const secret = await make.container(alice, "lab/secret/app", { collection: true });
        const images = [
          await make.uploadedImage(hidden.id, 1),
          await make.uploadedImage(secret.id, 2),
        ];
        for (const image of images) await label(catalog, image, { clearance: "high" });
        const bob = await make.user("bob");
        const all = images.map(({ id }) => id).toSorted();
        const seen = async (viewer: Viewer) => (await imageIds("clearance", { viewer })).toSorted();

        expect(await seen(ANYONE)).toEqual([]);
        expect(await seen(userView(bob.id))).toEqual([]);
        expect(await seen(userView(alice.id))).toEqual(all);
        expect(await seen(ADMIN)).toEqual(all);
      });

      it("returns the public one of two images with the same bytes", async () => {
        const hidden = await make.container(alice, "lab/tools/app", { container: true });
        await make.uploadedImage(hidden.id, 1);
        const open = await make.uploadedImage(container.id, 1);
        await label(catalog, open, { clearance: "high" });

        expect(await imageIds("clearance")).toEqual([open.id]);
      });
    });

    describe("when text has characters that patterns use", () => {
      it("takes them as they are", async () => {
        const plain = await make.uploadedImage(container.id, 1, { description: "100 percent" });
        const special = await make.uploadedImage(container.id, 2, {
          description: String.raw`100%_\ 'quoted"`,
        });

        for (const text of ["0%", "%_", "_\\", "'quoted\""])
          expect([text, await imageIds(text)]).toEqual([text, [special.id]]);
        expect(await imageIds("%percent")).toEqual([]);
        expect(await imageIds("0_p")).toEqual([]);
        expect(await imageIds("0 p")).toEqual([plain.id]);
      });
    });

    describe("when something is private", () => {
      it("returns it to its owner and to those who see all, not to others", async () => {
        const hidden = await make.container(alice, "lab/tools/hidden-app", { container: true });
        const secret = await make.container(alice, "lab/secret/hidden-app", { collection: true });
        await make.uploadedImage(hidden.id, 1);
        await make.uploadedImage(secret.id, 2);
        const bob = await make.user("bob");

        expect(await countHidden(catalog, ANYONE)).toEqual([0, 0, 0]);
        expect(await countHidden(catalog, userView(bob.id))).toEqual([0, 0, 0]);
        expect(await countHidden(catalog, userView(alice.id))).toEqual([2, 2, 1]);
        expect(await countHidden(catalog, ADMIN)).toEqual([2, 2, 1]);
      });
    });

    describe("when images are narrowed down", () => {
      it("returns only uploaded ones", async () => {
        await make.image(container.id, 1);

        expect(await imageIds("alpine")).toEqual([]);
      });

      it("returns those of one of the arches, by the file or by a tag", async () => {
        const amd64 = await make.uploadedImage(container.id, 1, { arch: "amd64" });
        const arm64 = await make.uploadedImage(container.id, 2, {
          arch: "arm64",
          nowMs: NOW_MS + 1,
        });
        const tagged = await make.uploadedImage(container.id, 3, { arch: null, nowMs: NOW_MS + 2 });
        await make.tag(tagged, "latest", "riscv64");

        expect(await imageIds("alpine", { arches: ["amd64"] })).toEqual([amd64.id]);
        expect(await imageIds("alpine", { arches: ["amd64", "arm64"] })).toEqual([
          arm64.id,
          amd64.id,
        ]);
        expect(await imageIds("alpine", { arches: ["riscv64"] })).toEqual([tagged.id]);
        expect(await imageIds("alpine", { arches: ["s390x"] })).toEqual([]);
        expect(await imageIds("alpine", { arches: [] })).toHaveLength(3);
      });

      it("returns signed or unsigned ones", async () => {
        const signed = await make.uploadedImage(container.id, 1, { isSigned: true });
        const unsigned = await make.uploadedImage(container.id, 2);

        expect(await imageIds("alpine", { isSigned: true })).toEqual([signed.id]);
        expect(await imageIds("alpine", { isSigned: false })).toEqual([unsigned.id]);
      });
    });

    describe("when there are more than the limit", () => {
      it("returns pages, newest first, each result once", async () => {
        const ids: string[] = [];
        for (let n = 1; n <= 7; n++)
          ids.unshift((await make.uploadedImage(container.id, n, { nowMs: NOW_MS + n })).id);
        const first = await imageIds("alpine", { limit: 3 });
        const second = await imageIds("alpine", { limit: 3, afterId: first.at(-1) });
        const third = await imageIds("alpine", { limit: 3, afterId: second.at(-1) });

        expect([...first, ...second, ...third]).toEqual(ids);
        expect(await imageIds("alpine", { limit: 3, afterId: third.at(-1) })).toEqual([]);
      });

      it("returns pages of the other kinds too", async () => {
        for (const path of ["lab1/tools1/alpine1", "lab2/tools2/alpine2"])
          await make.container(alice, path);
        const page = { viewer: ANYONE, limit: 2 };
        for (const [search, text] of [
          [searchEntities, "lab"],
          [searchCollections, "tools"],
          [searchContainers, "alpine"],
        ] as const) {
          const first = await search(catalog, { ...page, text });
          const second = await search(catalog, { ...page, text, afterId: first.at(-1)?.id });

          expect([first.length, second.length]).toEqual([2, 1]);
          expect(new Set([...first, ...second].map((found) => found.id)).size).toBe(3);
        }
      });
    });
  });
}

async function label(
  catalog: Catalog,
  image: ImageRecord,
  labels: Record<string, string>,
): Promise<void> {
  const contents = { ...CONTENTS, labels };
  await insertInspectionIfAbsent(catalog, { digest: image.blobDigest!, contents, nowMs: NOW_MS });
}

async function countHidden(catalog: Catalog, viewer: Viewer): Promise<number[]> {
  return [
    (await searchImages(catalog, { viewer, limit: 9, text: "hidden" })).length,
    (await searchContainers(catalog, { viewer, limit: 9, text: "hidden" })).length,
    (await searchCollections(catalog, { viewer, limit: 9, text: "secret" })).length,
  ];
}
