import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Catalog } from "./catalog.js";
import {
  collectionSize,
  findCollection,
  findCollectionById,
  listCollectionIds,
} from "./collections.js";
import { containerSize, findContainer, findContainerById, listContainerIds } from "./containers.js";
import { entityUsage, findEntityById, findEntityByName } from "./entities.js";
import type { Viewer } from "./records.js";
import { type OpenedCatalog, ANYONE, ADMIN, createFixtures } from "./fixtures.contract.js";

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
      const owner: Viewer = { userId: alice.id, seesAll: false };
      const other: Viewer = { userId: (await make.user("bob")).id, seesAll: false };

      for (const viewer of [ANYONE, other]) {
        expect(await listContainerIds(catalog, shown.collectionId, viewer)).toEqual([shown.id]);
        expect(await listCollectionIds(catalog, shown.entityId, viewer)).toEqual([
          shown.collectionId,
        ]);
        expect(await listContainerIds(catalog, secret.collectionId, viewer)).toEqual([]);
      }
      for (const viewer of [owner, ADMIN]) {
        expect((await listContainerIds(catalog, shown.collectionId, viewer)).toSorted()).toEqual(
          [shown.id, hidden.id].toSorted(),
        );
        expect(await listContainerIds(catalog, secret.collectionId, viewer)).toEqual([secret.id]);
        expect(await listCollectionIds(catalog, shown.entityId, viewer)).toHaveLength(2);
      }
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

      expect(await containerSize(catalog, shown.id)).toBe(2 ** 40 + 5);
      expect(await collectionSize(catalog, shown.collectionId, ANYONE)).toBe(2 ** 40 + 5);
      expect(await collectionSize(catalog, shown.collectionId, ADMIN)).toBe(2 ** 41 + 5);
      expect(await entityUsage(catalog, shown.entityId, ANYONE)).toBe(2 ** 40 + 5);
      expect(await entityUsage(catalog, shown.entityId)).toBe(2 ** 41 + 5);
    });
  });
}
