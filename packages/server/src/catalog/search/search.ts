import { type RawBuilder, type SqlBool, sql } from "kysely";

import type { Catalog } from "../catalog.js";
import { selectCollections, toCollectionRecord } from "../collections.js";
import { selectContainers, toContainerRecord } from "../containers.js";
import { selectEntities, toEntityRecord } from "../entities.js";
import { selectImages, toImageRecord } from "../images.js";
import { MAX_LISTED_IDS } from "../listed-ids.js";
import type { CollectionRecord, ContainerRecord, EntityRecord, ImageRecord } from "../records.js";
import { sqlOf } from "../sql.js";
import { collectionIsVisible, containerIsVisible } from "../visibility.js";
import { type CandidateQuery, hasText, isOneOf, passesFilters } from "./candidates.js";
import { type Found, type FoundPage, type SearchOptions, findPage } from "./find-page.js";
import { hashRangeOf, isInHashRange } from "./hash-prefix.js";

/** Entities whose name or description has the text. */
export function searchEntities(
  catalog: Catalog,
  options: SearchOptions,
): Promise<FoundPage<EntityRecord>> {
  return findPage(
    sqlOf(catalog),
    {
      kind: "entity",
      async read(db, query, seqs) {
        const rows = await selectEntities(db)
          .innerJoin("search_documents as documents", "documents.id", "entities.id")
          .select(["documents.seq", idsIn("collections", "entity_id", "entities.id").as("listed")])
          .where(isHit(query, seqs))
          .execute();
        return rows.map((row) => toFound(row, toEntityRecord(row)));
      },
    },
    options,
  );
}

/** Collections that the viewer may see and whose path or description has the text. */
export function searchCollections(
  catalog: Catalog,
  options: SearchOptions,
): Promise<FoundPage<CollectionRecord>> {
  return findPage(
    sqlOf(catalog),
    {
      kind: "collection",
      async read(db, query, seqs) {
        const rows = await selectCollections(db)
          .innerJoin("search_documents as documents", "documents.id", "collections.id")
          .select("documents.seq")
          .select(idsIn("containers", "collection_id", "collections.id").as("listed"))
          .where(collectionIsVisible(options.viewer))
          .where(isHit(query, seqs))
          .execute();
        return rows.map((row) => toFound(row, toCollectionRecord(row)));
      },
    },
    options,
  );
}

/** Containers that the viewer may see and whose path or description has the text. */
export function searchContainers(
  catalog: Catalog,
  options: SearchOptions,
): Promise<FoundPage<ContainerRecord>> {
  return findPage(
    sqlOf(catalog),
    {
      kind: "container",
      async read(db, query, seqs) {
        const rows = await selectContainers(db)
          .innerJoin("search_documents as documents", "documents.id", "containers.id")
          .select("documents.seq")
          .select(
            sql<number>`${idsIn("images", "container_id", "containers.id")}
              + ${tagsIn("container_id", "containers.id")}`.as("listed"),
          )
          .where(containerIsVisible(options.viewer))
          .where(isHit(query, seqs))
          .execute();
        return rows.map((row) => toFound(row, toContainerRecord(row)));
      },
    },
    options,
  );
}

/**
 * Uploaded images that the viewer may see and whose path, tag, description or labels have the text,
 * or whose hash begins with it.
 */
export function searchImages(
  catalog: Catalog,
  options: SearchOptions,
): Promise<FoundPage<ImageRecord>> {
  return findPage(
    sqlOf(catalog),
    {
      kind: "image",
      async read(db, query, seqs) {
        const rows = await selectImages(db)
          .innerJoin("search_documents as documents", "documents.id", "images.id")
          .select(["documents.seq", tagsIn("image_id", "images.id").as("listed")])
          .where("images.uploaded", "=", 1)
          .where(containerIsVisible(options.viewer))
          .where(isImageHit(query, seqs))
          .execute();
        return rows.map((row) => toFound(row, toImageRecord(row)));
      },
    },
    options,
  );
}

/** Bytes of one id in a JSON list. */
const ID_BYTES = 27;

/** Bytes of one tag in JSON beside its name and arch: its id in two maps, by name and by arch. */
const TAG_BYTES = 70;

function toFound<Record>(
  { seq, listed }: { readonly seq: number; readonly listed: number },
  record: Record,
): Found<Record> {
  return { record, seq, listedBytes: listed };
}

function isHit(query: CandidateQuery, seqs: readonly number[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${isOneOf("documents.seq", seqs)} and ${hasText(query.text)})`;
}

function isImageHit(query: CandidateQuery, seqs: readonly number[]): RawBuilder<SqlBool> {
  const range = hashRangeOf(query.text);
  const hasHash = range === undefined ? sql`` : sql`or ${isInHashRange(range)}`;
  return sql<SqlBool>`(
    ${isOneOf("documents.seq", seqs)} and ${passesFilters(query)}
    and (${hasText(query.text)} ${hasHash}))`;
}

/** Bytes of the ids of what stands in a row. */
function idsIn(table: string, column: string, id: string): RawBuilder<number> {
  return sql<number>`(
    select count(*) * ${sql.lit(ID_BYTES)} from (
      select 1 from ${sql.table(table)} where ${sql.ref(column)} = ${sql.ref(id)}
      limit ${sql.lit(MAX_LISTED_IDS)}))`;
}

/** Bytes of the tags of a row. */
function tagsIn(column: string, id: string): RawBuilder<number> {
  return sql<number>`(
    select coalesce(sum(${sql.lit(TAG_BYTES)} + 2 * length(tags.name) + length(tags.arch)), 0)
    from tags where ${sql.ref(`tags.${column}`)} = ${sql.ref(id)})`;
}
