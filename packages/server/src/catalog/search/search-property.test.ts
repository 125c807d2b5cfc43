import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Viewer, holds } from "../../access/viewer.js";
import { type Catalog, inTransaction } from "../catalog.js";
import {
  ADMIN,
  ANYONE,
  CONTENTS,
  NOW_MS,
  createFixtures,
  digestNumber,
  userView,
} from "../fixtures.contract.js";
import { deleteImage } from "../images.js";
import { insertInspectionIfAbsent } from "../inspections.js";
import { readLong } from "../session/long-reads.js";
import type { UserRecord } from "../records.js";
import { sqlOf } from "../sql.js";
import { openCatalog } from "../open/open-catalog.js";
import type { FoundPage } from "./find-page.js";
import { searchCollections, searchContainers, searchEntities, searchImages } from "./search.js";

const ARCHES = ["amd64", "arm64", "riscv64"] as const;

/** Few characters, so that texts often have the trigrams of others without having the others. */
const words = fc
  .array(fc.constantFrom("a", "b", "ab", "BA", "aab", " ", "é", "\u{1F40B}"), { maxLength: 12 })
  .map((parts) => parts.join(""));

const images = fc.record({
  path: fc.constantFrom(
    "aab/ab/abab",
    "aab/open/bab",
    "aab/open/hidden",
    "bba/ab/abab",
    "bba/aba/ba",
  ),
  description: words,
  arch: fc.constantFrom(...ARCHES),
  isSigned: fc.boolean(),
  tag: fc.constantFrom("a", "aba", "b.a"),
  tagArch: fc.constantFrom(...ARCHES),
  label: fc.option(words),
  fate: fc.constantFrom("kept", "kept", "kept", "kept", "deleted", "not uploaded"),
});

const searches = fc.record({
  text: fc.oneof(
    words.filter((text) => text.length >= 3),
    fc.constantFrom("aab/ab", "aba", "BAB", "abab:a", "000", "sha256.0000", "lbl=ab", "open/hid"),
  ),
  viewer: fc.constantFrom("anyone", "admin", "alice", "bob"),
  arches: fc.subarray([...ARCHES]),
  isSigned: fc.option(fc.boolean(), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 5 }),
  // So little that a page looks at what is indexed, and may be short.
  newest: fc.integer({ min: 1, max: 20 }),
  first: fc.integer({ min: 1, max: 4 }),
  second: fc.integer({ min: 1, max: 4 }),
});

type Given<T> = T extends fc.Arbitrary<infer Value> ? Value : never;
type Search = Given<typeof searches>;

describe("a search over any catalog", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-property-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("finds in pages what a scan of everything finds, for every viewer and filter", async () => {
    let run = 0;
    let hits = 0;
    const check = async (made: Given<typeof images>[], asked: Search[]) => {
      const catalog = await openCatalog({
        kind: "sqlite",
        path: join(folder, `catalog-${++run}.sqlite`),
      });
      try {
        const users = await fill(catalog, made);
        for (const search of asked) {
          const viewer = viewerOf(search.viewer, users);
          const expected = await scan(catalog, search, viewer);
          hits += expected.image.length;
          expect([search, await findAll(catalog, search, viewer)]).toEqual([search, expected]);
        }
      } finally {
        await catalog.close();
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(images, { minLength: 1, maxLength: 15 }),
        fc.array(searches, { minLength: 5, maxLength: 15 }),
        check,
      ),
      { numRuns: 30 },
    );

    expect(hits).toBeGreaterThan(30);
  });
});

interface Users {
  readonly alice: UserRecord;
  readonly bob: UserRecord;
}

async function fill(catalog: Catalog, made: readonly Given<typeof images>[]): Promise<Users> {
  const make = createFixtures(catalog);
  const users = { alice: await make.user("alice"), bob: await make.user("bob") };
  for (const [at, each] of made.entries()) {
    await inTransaction(catalog, { durability: "lazy" }, (transaction) =>
      addImage(transaction, users, { at, ...each }),
    );
  }
  return users;
}

async function addImage(
  catalog: Catalog,
  users: Users,
  image: Given<typeof images> & { readonly at: number },
): Promise<void> {
  const make = createFixtures(catalog);
  const { at, path, description, arch, isSigned, fate } = image;
  const owner = path.startsWith("aab") ? users.alice : users.bob;
  const isPrivate = { collection: path.includes("/ab/"), container: path.endsWith("hidden") };
  const container = await make.container(owner, path, isPrivate);
  const nowMs = NOW_MS + at;
  if (fate === "not uploaded") {
    await make.image(container.id, at, { description, nowMs });
    return;
  }
  const texts = { description, nowMs, arch, isSigned };
  const made = await make.uploadedImage(container.id, at, texts);
  await make.tag(made, image.tag, image.tagArch);
  if (image.label !== null) {
    const contents = { ...CONTENTS, labels: { lbl: image.label } };
    await insertInspectionIfAbsent(catalog, { digest: digestNumber(at), contents, nowMs });
  }
  if (fate === "deleted") await deleteImage(catalog, made.id);
}

function viewerOf(name: Search["viewer"], users: Users): Viewer {
  if (name === "anyone") return ANYONE;
  return name === "admin" ? ADMIN : userView(users[name].id);
}

/** Ids of what was found, images newest first, the others in order. */
interface FoundIds {
  readonly entity: readonly string[];
  readonly collection: readonly string[];
  readonly container: readonly string[];
  readonly image: readonly string[];
}

/** Everything in the catalog, looked at one by one, without documents and index. */
async function scan(catalog: Catalog, search: Search, viewer: Viewer): Promise<FoundIds> {
  const rows = await readRows(catalog);
  const text = search.text.toLowerCase();
  const hasText = (...texts: readonly (string | null)[]) =>
    texts.some((each) => each?.toLowerCase().includes(text));
  const sees = (owner: string, ...privates: readonly number[]) =>
    !privates.includes(1) || holds(viewer, "reader", owner);
  const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).toSorted();
  const matchingImages = rows.images.filter((row) => {
    const tags = rows.tags.filter((tag) => tag.image_id === row.id);
    const lines = tags.map((tag) => `/${row.name}:${tag.name}`);
    const arches = [row.arch, ...tags.map((tag) => tag.arch)];
    return (
      row.uploaded === 1 &&
      sees(row.owner_id, row.private, row.collection_private) &&
      (hasText(`${row.e}/${row.c}/${row.name}`, row.description, row.label_text, ...lines) ||
        (/^(?:sha256\.)?[0-9a-f]{3,64}$/.test(text) &&
          row.hash.startsWith(`sha256.${text.replace("sha256.", "")}`))) &&
      (search.isSigned === undefined || (row.signed === 1) === search.isSigned) &&
      (search.arches.length === 0 || search.arches.some((arch) => arches.includes(arch)))
    );
  });
  return {
    entity: idsOf(rows.entities.filter((row) => hasText(row.name, row.description))),
    collection: idsOf(
      rows.collections.filter(
        (row) =>
          sees(row.owner_id, row.private) && hasText(`${row.e}/${row.name}`, row.description),
      ),
    ),
    container: idsOf(
      rows.containers.filter(
        (row) =>
          sees(row.owner_id, row.private, row.collection_private) &&
          hasText(`${row.e}/${row.c}/${row.name}`, row.description),
      ),
    ),
    image: idsOf(matchingImages).toReversed(),
  };
}

async function readRows(catalog: Catalog) {
  const db = sqlOf(catalog);
  const collections = db
    .selectFrom("collections")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select(["entities.owner_id", "entities.name as e"]);
  const containers = db
    .selectFrom("containers")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select(["entities.owner_id", "entities.name as e", "collections.name as c"])
    .select(["containers.name", "containers.private"])
    .select("collections.private as collection_private");
  return {
    entities: await db.selectFrom("entities").selectAll().execute(),
    collections: await collections
      .select(["collections.id", "collections.name", "collections.private"])
      .select("collections.description")
      .execute(),
    containers: await containers.select(["containers.id", "containers.description"]).execute(),
    images: await containers
      .innerJoin("images", "images.container_id", "containers.id")
      .leftJoin("inspections", "inspections.digest", "images.blob_digest")
      .select(["images.id", "images.description", "images.hash", "images.arch", "images.signed"])
      .select(["images.uploaded", "inspections.label_text"])
      .execute(),
    tags: await db.selectFrom("tags").selectAll().execute(),
  };
}

async function findAll(catalog: Catalog, search: Search, viewer: Viewer): Promise<FoundIds> {
  const { text, limit, arches, isSigned } = search;
  const reach = { newest: search.newest, indexed: [search.first, search.second] } as const;
  const query = { viewer, text, limit, reach };
  const allPages = async (
    find: (catalog: Catalog, before?: number) => Promise<FoundPage<{ readonly id: string }>>,
  ) => {
    const ids: string[] = [];
    let before: number | undefined;
    do {
      const page = await readLong(catalog, (reader) => find(reader, before));
      expect(page.found.length).toBeLessThanOrEqual(limit);
      ids.push(...page.found.map(({ record }) => record.id));
      before = page.next;
    } while (before !== undefined);
    return ids;
  };
  return {
    entity: (
      await allPages((reader, before) => searchEntities(reader, { ...query, before }))
    ).toSorted(),
    collection: (
      await allPages((reader, before) => searchCollections(reader, { ...query, before }))
    ).toSorted(),
    container: (
      await allPages((reader, before) => searchContainers(reader, { ...query, before }))
    ).toSorted(),
    image: await allPages((reader, before) =>
      searchImages(reader, { ...query, before, arches, isSigned }),
    ),
  };
}
