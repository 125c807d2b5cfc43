import { sql } from "kysely";

import type { SqlWords } from "../session/adapter.js";
import type { Catalog } from "../catalog.js";
import { allRows, prepare } from "../session/prepared.js";
import type { Bit } from "../schema.js";
import type { Db } from "../sql.js";
import type { SearchKind } from "./search-text.js";
import { PUBLIC_SCOPE, privateScope } from "./tokens.js";

/** Most tags of one image that a search looks at: those set last. */
const MAX_SEARCHED_TAGS = 256;

/** What the document of one thing is made of. */
export interface DocumentSource {
  readonly id: string;
  readonly scope: number;
  /** Of an image, by the file or by a tag, each once. */
  readonly arches?: readonly string[];
  /** Of an image. */
  readonly isSigned?: boolean;
  /** The texts that a search looks at. */
  readonly fields: readonly string[];
}

/**
 * What the documents of these things are made of, as the catalog has them now. Leaves out things
 * that are gone, and images that are not uploaded.
 */
export function readDocumentSources(
  catalog: Catalog,
  kind: SearchKind,
  ids: readonly string[],
): Promise<DocumentSource[]> {
  return READERS[kind](catalog, { ids: JSON.stringify(ids) });
}

/** Ids as a JSON array. */
type Ids = { readonly ids: string };

const READERS: Record<SearchKind, (catalog: Catalog, ids: Ids) => Promise<DocumentSource[]>> = {
  entity: readEntities,
  collection: readCollections,
  container: readContainers,
  image: readImages,
};

const ENTITIES = prepare((db, { ids }: Ids, words) =>
  db
    .selectFrom("entities")
    .select(["id", "name", "description"])
    .where("id", "in", words.elementsOf(ids)),
);

async function readEntities(catalog: Catalog, ids: Ids): Promise<DocumentSource[]> {
  const rows = await allRows(catalog, ENTITIES, ids);
  return rows.map(({ id, name, description }) => ({
    id,
    scope: PUBLIC_SCOPE,
    fields: [name, description],
  }));
}

const COLLECTIONS = prepare((db, { ids }: Ids, words) =>
  db
    .selectFrom("collections")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select(["collections.id", "collections.name", "collections.description", "entity_id"])
    .select(["collections.private", "entities.name as entity_name"])
    .where("collections.id", "in", words.elementsOf(ids)),
);

async function readCollections(catalog: Catalog, ids: Ids): Promise<DocumentSource[]> {
  const rows = await allRows(catalog, COLLECTIONS, ids);
  return rows.map((row) => ({
    id: row.id,
    scope: scopeOf(row.entity_id, row.private),
    fields: [`${row.entity_name}/${row.name}`, row.description],
  }));
}

function selectPlaces(db: Db) {
  return db
    .selectFrom("containers")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select(["containers.name as container_name", "collections.name as collection_name"])
    .select(["entities.name as entity_name", "entities.id as entity_id"])
    .select(["containers.private as container_private"])
    .select(["collections.private as collection_private"]);
}

const CONTAINERS = prepare((db, { ids }: Ids, words) =>
  selectPlaces(db)
    .select(["containers.id", "containers.description"])
    .where("containers.id", "in", words.elementsOf(ids)),
);

async function readContainers(catalog: Catalog, ids: Ids): Promise<DocumentSource[]> {
  const rows = await allRows(catalog, CONTAINERS, ids);
  return rows.map((row) => ({
    id: row.id,
    scope: scopeOf(row.entity_id, row.container_private, row.collection_private),
    fields: [pathOf(row), row.description],
  }));
}

const IMAGES = prepare((db, { ids }: Ids, words) =>
  selectPlaces(db)
    .innerJoin("images", "images.container_id", "containers.id")
    .leftJoin("inspections", "inspections.digest", "images.blob_digest")
    .select(["images.id", "images.description", "images.arch", "images.signed", "label_text"])
    .select(newestTags(words).as("tags"))
    .where("images.id", "in", words.elementsOf(ids))
    .where("images.uploaded", "=", 1),
);

/** The tags of an image that were set last, as JSON `[[arch, name], …]`. */
function newestTags(words: SqlWords) {
  const pair = words.tupleOf(sql.ref("newest.arch"), sql.ref("newest.name"));
  return sql<string>`(
    select ${words.arrayOf(pair, sql.ref("newest.name"))} from (
      select arch, name from tags where image_id = images.id
      order by updated_at desc, name desc limit ${sql.lit(MAX_SEARCHED_TAGS)}) as newest)`;
}

async function readImages(catalog: Catalog, ids: Ids): Promise<DocumentSource[]> {
  const rows = await allRows(catalog, IMAGES, ids);
  return rows.map((row) => {
    const tags = readTags(row.tags);
    const names = [...new Set(tags.map(([, name]) => name))];
    return {
      id: row.id,
      scope: scopeOf(row.entity_id, row.container_private, row.collection_private),
      arches: [...new Set([row.arch ?? "", ...tags.map(([arch]) => arch)])].filter(Boolean),
      isSigned: row.signed === 1,
      fields: [
        pathOf(row),
        ...names.map((name) => `/${row.container_name}:${name}`),
        row.description,
        row.label_text ?? "",
      ],
    };
  });
}

function readTags(json: string): readonly (readonly [arch: string, name: string])[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by the query above
  return JSON.parse(json) as readonly (readonly [string, string])[];
}

function scopeOf(entityId: string, ...privates: readonly Bit[]): number {
  return privates.includes(1) ? privateScope(entityId) : PUBLIC_SCOPE;
}

function pathOf(row: {
  readonly entity_name: string;
  readonly collection_name: string;
  readonly container_name: string;
}): string {
  return `${row.entity_name}/${row.collection_name}/${row.container_name}`;
}
