import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Viewer } from "../../access/viewer.js";
import { type Catalog, inTransaction } from "../catalog.js";
import {
  ADMIN,
  ANYONE,
  CONTENTS,
  NOW_MS,
  type OpenedCatalog,
  createFixtures,
  userView,
} from "../fixtures.contract.js";
import { deleteImage } from "../images.js";
import { insertInspectionIfAbsent } from "../inspections.js";
import type { ContainerRecord, ImageRecord, UserRecord } from "../records.js";
import type { Bit } from "../schema.js";
import { sqlOf } from "../sql.js";
import type { FoundPage } from "./find-page.js";
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
      recordsOf(await searchImages(catalog, { viewer: ANYONE, limit: 50, text, ...options })).map(
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

        const entities = await searchEntities(catalog, { ...options, text: "LA" });
        expect(recordsOf(entities).map((found) => found.name)).toEqual(["lab"]);
        const collections = await searchCollections(catalog, { ...options, text: "ab/too" });
        expect(recordsOf(collections).map((found) => found.name)).toEqual(["tools"]);
        const containers = await searchContainers(catalog, { ...options, text: "LPI" });
        expect(recordsOf(containers).map((found) => found.id)).toEqual([container.id]);
        const none = await searchContainers(catalog, { ...options, text: "debian" });
        expect(recordsOf(none)).toEqual([]);
      });

      it("returns images by path, tag, and container with tag", async () => {
        const image = await make.uploadedImage(container.id, 0xabc);
        await make.tag(image, "v3.18", "arm64");

        for (const text of ["alpine", "lab/tools/alpine", "3.18", "alpine:v3"]) {
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
        }
      });
    });

    describe("when text is how a hash begins", () => {
      it("returns the image by 3 to 64 digits, with or without sha256., whatever the case", async () => {
        const image = await make.uploadedImage(container.id, 0xabc1 * 2 ** 240);
        await make.uploadedImage(container.id, 0xabc);
        const digits = image.hash.slice("sha256.".length);

        for (const text of ["abc", "ABC1", "sha256.abc", digits, `sha256.${digits}`])
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
      });

      it("returns no image by what stands later in the hash, or by the algorithm", async () => {
        await make.uploadedImage(container.id, 0xabc);

        for (const text of ["abc", "sha256.abc", "sha256", "sha256.0"])
          expect([text, await imageIds(text)]).toEqual([text, []]);
      });

      it("returns private images to those who may see them only, and each once", async () => {
        const hidden = await make.container(alice, "lab/tools/000-app", { container: true });
        const secret = await make.uploadedImage(hidden.id, 1);
        const open = await make.uploadedImage(container.id, 2, { nowMs: NOW_MS + 1 });

        expect(await imageIds("000")).toEqual([open.id]);
        expect(await imageIds("000", { viewer: ADMIN })).toEqual([open.id, secret.id]);
        expect(await imageIds("000", { viewer: ADMIN, isSigned: true })).toEqual([]);
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

    describe("when something is made private", () => {
      it("hides it at once, with all that is in it, from all but those who may see it", async () => {
        const open = await make.container(alice, "lab/tools/shared-app");
        await make.uploadedImage(open.id, 1);
        const bob = await make.user("bob");
        const viewers = [ANYONE, userView(bob.id), userView(alice.id), ADMIN];
        const counts = () =>
          Promise.all(
            viewers.map(async (viewer) => {
              const query = { viewer, limit: 9, text: "shared" };
              const images = await searchImages(catalog, query);
              return [images.found.length, (await searchContainers(catalog, query)).found.length];
            }),
          );

        expect(await counts()).toEqual([ALL, ALL, ALL, ALL]);
        for (const [table, id] of [
          ["containers", open.id],
          ["collections", open.collectionId],
        ] as const) {
          await setPrivate(catalog, { table, id, isPrivate: 1 });
          expect(await counts()).toEqual([NONE, NONE, ALL, ALL]);
          await setPrivate(catalog, { table, id, isPrivate: 0 });
          expect(await counts()).toEqual([ALL, ALL, ALL, ALL]);
        }
      });
    });

    describe("when something changes", () => {
      it("finds an image by the tag that it has now", async () => {
        const first = await make.uploadedImage(container.id, 1);
        const second = await make.uploadedImage(container.id, 2, { nowMs: NOW_MS + 1 });
        await make.tag(first, "stable", "riscv64");
        expect(await imageIds("stable")).toEqual([first.id]);
        await make.tag(second, "stable", "riscv64");

        expect(await imageIds("stable")).toEqual([second.id]);
        expect(await imageIds("alpine", { arches: ["riscv64"] })).toEqual([second.id]);
        expect(await imageIds("alpine")).toEqual([second.id, first.id]);
      });

      it("finds an image once it is uploaded, and no more once it is deleted", async () => {
        const image = await make.uploadedImage(container.id, 0xabc);
        expect(await imageIds("alpine")).toEqual([image.id]);
        await deleteImage(catalog, image.id);

        expect(await imageIds("alpine")).toEqual([]);
        expect(await imageIds(image.hash)).toEqual([]);
        await make.uploadedImage(container.id, 0xabc);
        expect(await imageIds("alpine")).toHaveLength(1);
      });

      it("finds nothing of a transaction that fails", async () => {
        const failing = inTransaction(catalog, {}, async (transaction) => {
          await createFixtures(transaction).uploadedImage(container.id, 1);
          throw new Error("no");
        });
        await expect(failing).rejects.toThrow("no");

        expect(await imageIds("alpine")).toEqual([]);
      });

      it("finds an image by the 256 tags that were set last", async () => {
        const image = await inTransaction(catalog, {}, async (transaction) => {
          const { uploadedImage, tag } = createFixtures(transaction);
          const made = await uploadedImage(container.id, 1);
          for (let n = 0; n <= 256; n++) await tag(made, `tag-${n}.`, "amd64", NOW_MS + n);
          return made;
        });

        expect(await imageIds("tag-1.")).toEqual([image.id]);
        expect(await imageIds("tag-256.")).toEqual([image.id]);
        expect(await imageIds("tag-0.")).toEqual([]);
      });
    });

    describe("when text is not plain", () => {
      it("finds words with letters beyond the basic plane, and a final sigma within a word", async () => {
        const image = await make.uploadedImage(container.id, 1, {
          description: "\u{1D4D0}\u{1F40B}bc \u{391}\u{3A3}\u{391}",
        });

        for (const text of ["\u{1F40B}b", "\u{1D4D0}\u{1F40B}b", "\u{391}\u{3A3}\u{391}"])
          expect([text, await imageIds(text)]).toEqual([text, [image.id]]);
        expect(await imageIds("pine/\u{391}\u{3A3}")).toEqual([]);
      });

      it("does not find what spans two texts, and ignores private-use characters", async () => {
        const image = await make.uploadedImage(container.id, 1, { description: "fo\u{E000}ur" });

        expect(await imageIds("four")).toEqual([image.id]);
        expect(await imageIds("alpinefour")).toEqual([]);
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
        const page = { viewer: ANYONE, text: "alpine", limit: 3 };
        const first = await searchImages(catalog, page);
        const second = await searchImages(catalog, { ...page, before: first.next });
        const third = await searchImages(catalog, { ...page, before: second.next });

        expect([first, second, third].map(({ found }) => found.length)).toEqual([3, 3, 1]);
        const all = [first, second, third].flatMap((each) => recordsOf(each));
        expect(all.map(({ id }) => id)).toEqual(ids);
        expect(third.next).toBeUndefined();
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
          const second = await search(catalog, { ...page, text, before: first.next });

          expect([first.found.length, second.found.length]).toEqual([2, 1]);
          const all = [...first.found, ...second.found];
          expect(new Set(all.map(({ record }) => record.id)).size).toBe(3);
          expect(second.next).toBeUndefined();
        }
      });
    });
  });
}

const ALL = [1, 1];
const NONE = [0, 0];

async function setPrivate(
  catalog: Catalog,
  {
    table,
    id,
    isPrivate,
  }: { readonly table: "containers" | "collections"; readonly id: string; readonly isPrivate: Bit },
): Promise<void> {
  await sqlOf(catalog)
    .updateTable(table)
    .set({ private: isPrivate })
    .where("id", "=", id)
    .execute();
}

function recordsOf<Record>({ found }: FoundPage<Record>): Record[] {
  return found.map(({ record }) => record);
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
    (await searchImages(catalog, { viewer, limit: 9, text: "hidden" })).found.length,
    (await searchContainers(catalog, { viewer, limit: 9, text: "hidden" })).found.length,
    (await searchCollections(catalog, { viewer, limit: 9, text: "secret" })).found.length,
  ];
}
