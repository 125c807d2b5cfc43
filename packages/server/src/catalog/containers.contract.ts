import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Catalog } from "./catalog.js";
import type { Viewer } from "../access/viewer.js";
import { findCollection, findCollectionById, listCollectionContents } from "./collections.js";
import {
  findContainer,
  findContainerById,
  findContainerWithContents,
  listContainerContents,
} from "./containers.js";
import { entityUsage, findEntityById, findEntityByName, listEntityContents } from "./entities.js";
import {
  type OpenedCatalog,
  ANYONE,
  ADMIN,
  createFixtures,
  userView,
} from "./fixtures.contract.js";

/** What every catalog must do with entities, collections and containers. */
export function describeContainers(openCatalog: () => Promise<OpenedCatalog>): void {
  let opened: OpenedCatalog;
  let catalog: Catalog;
  let make: ReturnType<typeof createFixtures>;

  beforeEach(async () => {
    opened = await openCatalog();
    catalog = opened.catalog;
    make = createFixtures(catalog);
  });
  afterEach(() => opened.close());

  const inEntity = async (id: string, viewer: Viewer) =>
    (await listEntityContents(catalog, [id], viewer)).get(id)!;
  const inCollection = async (id: string, viewer: Viewer) =>
    (await listCollectionContents(catalog, [id], viewer)).get(id)!;
  const listContainerIds = async (id: string, viewer: Viewer) =>
    (await inCollection(id, viewer)).containerIds;
  const listCollectionIds = async (id: string, viewer: Viewer) =>
    (await inEntity(id, viewer)).collectionIds;

  describe("entities, collections and containers", () => {
    it("returns what was made, by name and by id", async () => {
      const alice = await make.user("alice");
      const container = await make.container(alice, "lab/tools/app");

      expect(container).toMatchObject({
        entityName: "lab",
        collectionName: "tools",
        name: "app",
        ownerId: alice.id,
        ownerName: "alice",
        isPrivate: false,
        downloadCount: 0,
      });
      expect(await findContainer(catalog, "lab", "tools", "app")).toEqual(container);
      expect(await findContainerById(catalog, container.id)).toEqual(container);
      const collection = await findCollection(catalog, "lab", "tools");
      expect(collection).toMatchObject({
        id: container.collectionId,
        entityId: container.entityId,
        ownerId: alice.id,
      });
      expect(await findCollectionById(catalog, container.collectionId)).toEqual(collection);
      const entity = await findEntityByName(catalog, "lab");
      expect(entity).toMatchObject({ id: container.entityId, ownerName: "alice", quotaBytes: 0 });
      expect(await findEntityById(catalog, container.entityId)).toEqual(entity);
    });

    it("returns undefined for what is not there", async () => {
      await make.container(await make.user("alice"), "lab/tools/app");

      expect(await findEntityByName(catalog, "app")).toBeUndefined();
      expect(await findCollection(catalog, "tools", "lab")).toBeUndefined();
      expect(await findContainer(catalog, "lab", "tools", "other")).toBeUndefined();
      expect(await findContainerById(catalog, "' or 1=1 --")).toBeUndefined();
    });

    it("returns what was there when made a second time, unchanged", async () => {
      const first = await make.container(await make.user("alice"), "lab/tools/app");
      const second = await make.container(await make.user("bob"), "lab/tools/app", {
        container: true,
      });

      expect(second).toEqual(first);
    });

    it("makes one of many made at once", async () => {
      const alice = await make.user("alice");
      const made = await Promise.all(
        Array.from({ length: 20 }, () => make.container(alice, "lab/tools/app")),
      );

      expect(new Set(made.map((container) => container.id)).size).toBe(1);
    });

    it("takes a container of a private collection as private", async () => {
      const alice = await make.user("alice");

      expect((await make.container(alice, "lab/secret/app", { collection: true })).isPrivate).toBe(
        true,
      );
      expect((await make.container(alice, "lab/tools/app", { container: true })).isPrivate).toBe(
        true,
      );
    });

    it("lists what the viewer may see, oldest first", async () => {
      const alice = await make.user("alice");
      const shown = await make.container(alice, "lab/tools/shown");
      const hidden = await make.container(alice, "lab/tools/hidden", { container: true });
      const secret = await make.container(alice, "lab/secret/app", { collection: true });
      const owner = userView(alice.id);
      const other = userView((await make.user("bob")).id);

      for (const viewer of [ANYONE, other]) {
        expect(await listContainerIds(shown.collectionId, viewer)).toEqual([shown.id]);
        expect(await listCollectionIds(shown.entityId, viewer)).toEqual([shown.collectionId]);
        expect(await listContainerIds(secret.collectionId, viewer)).toEqual([]);
      }
      for (const viewer of [owner, ADMIN]) {
        expect((await listContainerIds(shown.collectionId, viewer)).toSorted()).toEqual(
          [shown.id, hidden.id].toSorted(),
        );
        expect(await listContainerIds(secret.collectionId, viewer)).toEqual([secret.id]);
        expect(await listCollectionIds(shown.entityId, viewer)).toHaveLength(2);
      }
    });

    it("finds each with its contents, the same as of a list of several", async () => {
      const alice = await make.user("alice");
      const first = await make.container(alice, "lab/tools/first");
      const second = await make.container(alice, "lab/tools/second");
      const image = await make.uploadedImage(first.id, 1, { sizeBytes: 7 });
      await make.tag(image, "v2");
      await make.tag(image, "v1");
      await make.tag(image, "v1", "");
      const tags = [
        { arch: "", name: "v1", imageId: image.id },
        { arch: "amd64", name: "v1", imageId: image.id },
        { arch: "amd64", name: "v2", imageId: image.id },
      ];

      const path = { entity: "lab", collection: "tools", name: "first" };
      const found = await findContainerWithContents(catalog, path);
      expect(found).toEqual({
        container: first,
        contents: { imageIds: [image.id], tags, sizeBytes: 7 },
      });
      const nothing = { imageIds: [], tags: [], sizeBytes: 0 };
      const ids = [second.id, first.id, "0".repeat(24)];
      expect(await listContainerContents(catalog, ids)).toEqual(
        new Map<string, unknown>([
          [first.id, found?.contents],
          [second.id, nothing],
        ]),
      );
      expect(await listContainerContents(catalog, [])).toEqual(new Map());
    });

    it("sums the sizes of uploaded images, as far as the viewer may see them", async () => {
      const alice = await make.user("alice");
      const shown = await make.container(alice, "lab/tools/shown");
      const hidden = await make.container(alice, "lab/tools/hidden", { container: true });
      expect(await entityUsage(catalog, shown.entityId)).toBe(0);
      await make.uploadedImage(shown.id, 1, { sizeBytes: 2 ** 40 });
      await make.uploadedImage(shown.id, 2, { sizeBytes: 5 });
      await make.uploadedImage(hidden.id, 1, { sizeBytes: 2 ** 40 });
      await make.image(shown.id, 3);

      const contents = await listContainerContents(catalog, [shown.id]);
      expect(contents.get(shown.id)?.sizeBytes).toBe(2 ** 40 + 5);
      const collectionSize = async (viewer: Viewer) =>
        (await inCollection(shown.collectionId, viewer)).sizeBytes;
      expect(await collectionSize(ANYONE)).toBe(2 ** 40 + 5);
      expect(await collectionSize(ADMIN)).toBe(2 ** 41 + 5);
      expect((await inEntity(shown.entityId, ANYONE)).sizeBytes).toBe(2 ** 40 + 5);
      expect(await entityUsage(catalog, shown.entityId)).toBe(2 ** 41 + 5);
    });
  });
}
