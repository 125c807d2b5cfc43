import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ANONYMOUS, viewerOf } from "../access/principal.js";
import { authenticate } from "../accounts/authenticate.js";
import { issueToken } from "../accounts/issue-token.js";
import { principalOfTokenId } from "../accounts/token-principal.js";
import type { Catalog } from "../catalog/catalog.js";
import { findCollection } from "../catalog/collections.js";
import { findEntityByName } from "../catalog/entities.js";
import { CONTENTS, NOW_MS, createFixtures, digestNumber } from "../catalog/fixtures.contract.js";
import { insertInspectionIfAbsent } from "../catalog/inspections.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import type { ContainerRecord, ImageRecord, TokenRecord } from "../catalog/records.js";
import { describeCollections, getCollection } from "./collections.js";
import { describeContainers, getContainer } from "./containers.js";
import { describeEntities, getEntity } from "./entities.js";
import { describeImages, getImage } from "./images.js";
import { resolveImage } from "./resolve-image.js";

const IMAGES = 20;
const NAMES = { entity: "lab", collection: "tools", container: "app1" };

let folder: string;
let catalog: Catalog;
const statements: string[] = [];
const token = { secret: "", record: undefined as TokenRecord | undefined };
const containers: ContainerRecord[] = [];
const images: ImageRecord[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sifshelf-counts-"));
  const path = join(folder, "catalog.sqlite");
  catalog = await openCatalog({ kind: "sqlite", path, trace: (text) => statements.push(text) });
  const make = createFixtures(catalog);
  const alice = await make.user("alice");
  for (let n = 1; n <= IMAGES; n++) {
    const container = await make.container(alice, `lab/tools/app${n}`);
    const image = await make.uploadedImage(container.id, n);
    for (const tag of ["latest", "v1"]) await make.tag(image, tag);
    await insertInspectionIfAbsent(catalog, {
      digest: digestNumber(n),
      contents: CONTENTS,
      nowMs: NOW_MS,
    });
    containers.push(container);
    images.push(image);
  }
  const grant = { scope: "read", label: "", expiresAtMs: null, nowMs: NOW_MS } as const;
  const issued = await issueToken(catalog, alice, grant);
  token.secret = issued.secret;
  token.record = issued.token;
});
afterAll(async () => {
  await catalog.close();
  rmSync(folder, { recursive: true });
});

/** How many statements the work runs, and what it returns. */
async function countOf<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  statements.length = 0;
  const result = await work();
  return [statements.length, result];
}

const hashOf = (n: number) => images[n - 1]!.hash;

describe("the number of statements", () => {
  it.each<[string, () => string]>([
    ["tag", () => "lab/tools/app1:latest"],
    ["hash", () => `lab/tools/app1:${hashOf(1)}`],
    ["SIF id", () => `lab/tools/app1:sif.${images[0]!.sifId}`],
  ])("is one for a lookup of an image by %s, with tags and labels", async (_, ref) => {
    const query = { ref: ref(), arch: "amd64" };
    const [count, image] = await countOf(() => getImage({ catalog }, ANONYMOUS, query));

    expect(image).toMatchObject({ id: images[0]!.id, tags: ["latest", "v1"] });
    expect(image.labels).toEqual(CONTENTS.labels);
    expect(count).toBe(1);
    const [countOfRecord] = await countOf(() => resolveImage({ catalog }, ANONYMOUS, query));
    expect(countOfRecord).toBe(1);
  });

  it("is one for an image that is not there", async () => {
    const query = { ref: "lab/tools/none:latest", arch: "amd64" };
    const [count] = await countOf(() =>
      expect(getImage({ catalog }, ANONYMOUS, query)).rejects.toMatchObject({ code: "not-found" }),
    );

    expect(count).toBe(1);
  });

  it("is one for authentication, by token or by the token's id in a signed URL", async () => {
    const [count, principal] = await countOf(() =>
      authenticate(catalog, `Bearer ${token.secret}`, NOW_MS + 1),
    );
    expect(principal).toMatchObject({ userName: "alice" });
    expect(count).toBe(1);

    const { id } = token.record!;
    const [countById] = await countOf(() => principalOfTokenId(catalog, id, NOW_MS + 1));
    expect(countById).toBe(1);
  });

  it("is one for a container with what is in it, three for an entity or a collection", async () => {
    const [ofEntity, entity] = await countOf(() => getEntity({ catalog }, ANONYMOUS, "lab"));
    expect(entity.collections).toHaveLength(1);
    expect(ofEntity).toBe(3);

    const [ofCollection, collection] = await countOf(() =>
      getCollection({ catalog }, ANONYMOUS, NAMES),
    );
    expect(collection.containers).toHaveLength(IMAGES);
    expect(ofCollection).toBe(3);

    const [ofContainer, container] = await countOf(() =>
      getContainer({ catalog }, ANONYMOUS, NAMES),
    );
    expect(container).toMatchObject({ images: [images[0]!.id], size: 1000 });
    expect(ofContainer).toBe(1);
  });

  it("is one for a page of images, containers, collections or entities, whatever its length", async () => {
    const viewer = viewerOf(ANONYMOUS);
    const [ofImages, described] = await countOf(() => describeImages({ catalog }, images));
    expect(described.map(({ id }) => id)).toEqual(images.map(({ id }) => id));
    expect(described[3]).toMatchObject({ tags: ["latest", "v1"] });
    expect(ofImages).toBe(1);

    const [ofContainers, page] = await countOf(() => describeContainers({ catalog }, containers));
    expect(page.map((each) => each.images)).toEqual(images.map(({ id }) => [id]));
    expect(ofContainers).toBe(1);

    const collection = (await findCollection(catalog, "lab", "tools"))!;
    const [ofCollections, collections] = await countOf(() =>
      describeCollections({ catalog }, viewer, [collection, collection]),
    );
    expect(collections[1]).toMatchObject({ id: collection.id, size: IMAGES * 1000 });
    expect(ofCollections).toBe(1);

    const entity = (await findEntityByName(catalog, "lab"))!;
    const [ofEntities, entities] = await countOf(() =>
      describeEntities({ catalog }, viewer, [entity, entity]),
    );
    expect(entities[1]).toMatchObject({ id: entity.id, size: IMAGES * 1000 });
    expect(ofEntities).toBe(1);
  });

  it("is none for an empty page", async () => {
    const [count] = await countOf(() => describeImages({ catalog }, []));

    expect(count).toBe(0);
  });
});
