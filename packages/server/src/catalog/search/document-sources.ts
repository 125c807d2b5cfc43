import { type RawBuilder, type SqlBool, sql } from "kysely";

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
  /** Of an image, by the file or by a tag, each once; otherwise empty. */
  readonly arches: readonly string[];
  readonly isSigned: boolean;
  /** The texts that a search looks at. */
  readonly fields: readonly string[];
}

/**
 * What the documents of these things are made of, as the catalog has them now. Things that are gone,
 * and images that are not uploaded, are left out.
 */
export function readDocumentSources(
  db: Db,
  kind: SearchKind,
  ids: readonly string[],
): Promise<DocumentSource[]> {
  return READERS[kind](db, ids);
}

/** Condition: the column is one of these ids. The same statement serves any number of them. */
export function isOneOf(column: string, ids: readonly (string | number)[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(ids)}))`;
}

const READERS: Record<SearchKind, (db: Db, ids: readonly string[]) => Promise<DocumentSource[]>> = {
  entity: readEntities,
  collection: readCollections,
  container: readContainers,
  image: readImages,
};

const UNFILTERED = { arches: [], isSigned: false } as const;

async function readEntities(db: Db, ids: readonly string[]): Promise<DocumentSource[]> {
  const rows = await db
    .selectFrom("entities")
    .select(["id", "name", "description"])
    .where(isOneOf("id", ids))
    .execute();
  return rows.map(({ id, name, description }) => ({
    ...UNFILTERED,
    id,
    scope: PUBLIC_SCOPE,
    fields: [name, description],
  }));
}

async function readCollections(db: Db, ids: readonly string[]): Promise<DocumentSource[]> {
  const rows = await db
    .selectFrom("collections")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select(["collections.id", "collections.name", "collections.description", "entity_id"])
    .select(["collections.private", "entities.name as entity_name"])
    .where(isOneOf("collections.id", ids))
    .execute();
  return rows.map((row) => ({
    ...UNFILTERED,
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

async function readContainers(db: Db, ids: readonly string[]): Promise<DocumentSource[]> {
  const rows = await selectPlaces(db)
    .select(["containers.id", "containers.description"])
    .where(isOneOf("containers.id", ids))
    .execute();
  return rows.map((row) => ({
    ...UNFILTERED,
    id: row.id,
    scope: scopeOf(row.entity_id, row.container_private, row.collection_private),
    fields: [pathOf(row), row.description],
  }));
}

// Of each image the tags set last, as JSON `[[arch, name], …]`.
const TAGS = sql<string>`(
  select json_group_array(json_array(arch, name)) from (
    select arch, name from tags where image_id = images.id
    order by updated_at desc, name desc limit ${sql.lit(MAX_SEARCHED_TAGS)}))`;

async function readImages(db: Db, ids: readonly string[]): Promise<DocumentSource[]> {
  const rows = await selectPlaces(db)
    .innerJoin("images", "images.container_id", "containers.id")
    .leftJoin("inspections", "inspections.digest", "images.blob_digest")
    .select(["images.id", "images.description", "images.arch", "images.signed", "label_text"])
    .select(TAGS.as("tags"))
    .where(isOneOf("images.id", ids))
    .where("images.uploaded", "=", 1)
    .execute();
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
