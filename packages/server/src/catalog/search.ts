import { type RawBuilder, type SqlBool, sql } from "kysely";

import type { Catalog } from "./catalog.js";
import { selectCollections, toCollectionRecord } from "./collections.js";
import { selectContainers, toContainerRecord } from "./containers.js";
import { selectEntities, toEntityRecord } from "./entities.js";
import { selectImages, toImageRecord } from "./images.js";
import type { CollectionRecord, ContainerRecord, EntityRecord, ImageRecord } from "./records.js";
import type { Viewer } from "../access/viewer.js";
import { collectionIsVisible, containerIsVisible } from "./visibility.js";
import { sqlOf } from "./sql.js";

/** What to search for, and who asks. */
export interface SearchOptions {
  readonly viewer: Viewer;
  /** Found anywhere in a path, description or label (as `key=value`), in either case; no character in it is special. */
  readonly text: string;
  /** Most results, at least 1. */
  readonly limit: number;
  /** Id of the last result of the page before; without it the first page. */
  readonly afterId?: string | undefined;
}

/** What images to search for. */
export interface ImageSearchOptions extends SearchOptions {
  /** Only images of one of these arches, by what the file says or by a tag's arch; empty or absent: of any. */
  readonly arches?: readonly string[] | undefined;
  /** Only signed (true) or only unsigned (false) images. */
  readonly isSigned?: boolean | undefined;
}

/** Entities whose name or description has the text, newest first. */
export async function searchEntities(
  catalog: Catalog,
  options: SearchOptions,
): Promise<EntityRecord[]> {
  const pattern = patternOf(options.text);
  let query = selectEntities(sqlOf(catalog))
    .where(
      sql<SqlBool>`(${isLike(sql.ref("entities.name"), pattern)} or ${descriptionIsLike("entities", pattern)})`,
    )
    .orderBy("entities.id", "desc")
    .limit(options.limit);
  if (options.afterId !== undefined) query = query.where("entities.id", "<", options.afterId);
  return (await query.execute()).map(toEntityRecord);
}

/** Collections that the viewer may see and whose path or description has the text, newest first. */
export async function searchCollections(
  catalog: Catalog,
  options: SearchOptions,
): Promise<CollectionRecord[]> {
  const pattern = patternOf(options.text);
  const path = sql`entities.name || '/' || collections.name`;
  let query = selectCollections(sqlOf(catalog))
    .where(collectionIsVisible(options.viewer))
    .where(sql<SqlBool>`(${isLike(path, pattern)} or ${descriptionIsLike("collections", pattern)})`)
    .orderBy("collections.id", "desc")
    .limit(options.limit);
  if (options.afterId !== undefined) query = query.where("collections.id", "<", options.afterId);
  return (await query.execute()).map(toCollectionRecord);
}

/** Containers that the viewer may see and whose path or description has the text, newest first. */
export async function searchContainers(
  catalog: Catalog,
  options: SearchOptions,
): Promise<ContainerRecord[]> {
  const pattern = patternOf(options.text);
  let query = selectContainers(sqlOf(catalog))
    .where(containerIsVisible(options.viewer))
    .where(
      sql<SqlBool>`(${isLike(CONTAINER_PATH, pattern)} or ${descriptionIsLike("containers", pattern)})`,
    )
    .orderBy("containers.id", "desc")
    .limit(options.limit);
  if (options.afterId !== undefined) query = query.where("containers.id", "<", options.afterId);
  return (await query.execute()).map(toContainerRecord);
}

/** Uploaded images that the viewer may see and whose path, hash, tag, description or labels have the text, newest first. */
export async function searchImages(
  catalog: Catalog,
  options: ImageSearchOptions,
): Promise<ImageRecord[]> {
  const pattern = patternOf(options.text);
  let query = selectImages(sqlOf(catalog))
    .where("images.uploaded", "=", 1)
    .where(containerIsVisible(options.viewer))
    .where(imageIsLike(pattern))
    .orderBy("images.id", "desc")
    .limit(options.limit);
  if (options.afterId !== undefined) query = query.where("images.id", "<", options.afterId);
  if (options.isSigned !== undefined)
    query = query.where(sql<SqlBool>`coalesce(images.signed, 0) = ${options.isSigned ? 1 : 0}`);
  if (options.arches !== undefined && options.arches.length > 0)
    query = query.where(imageIsOfArch(options.arches));
  return (await query.execute()).map(toImageRecord);
}

// Names are lower case and without special characters, so a path holds every name and what joins two of them.
const CONTAINER_PATH = sql`entities.name || '/' || collections.name || '/' || containers.name`;

function imageIsLike(pattern: string): RawBuilder<SqlBool> {
  const tag = sql`'/' || containers.name || ':' || tags.name`;
  return sql<SqlBool>`(
    ${isLike(CONTAINER_PATH, pattern)}
    or ${isLike(sql.ref("images.hash"), pattern)}
    or ${descriptionIsLike("images", pattern)}
    or exists (select 1 from tags where tags.image_id = images.id and ${isLike(tag, pattern)})
    or exists (${labelsAreLike(pattern)}))`;
}

function labelsAreLike(pattern: string): RawBuilder<unknown> {
  const text = sql.ref("inspections.label_text");
  return sql`select 1 from inspections where inspections.digest = images.blob_digest and ${isLike(text, pattern)}`;
}

function imageIsOfArch(arches: readonly string[]): RawBuilder<SqlBool> {
  const list = sql.join(arches);
  return sql<SqlBool>`(
    images.arch in (${list})
    or exists (select 1 from tags where tags.image_id = images.id and tags.arch in (${list})))`;
}

function descriptionIsLike(table: string, pattern: string): RawBuilder<SqlBool> {
  const description = sql.ref(`${table}.description`);
  // Most are empty, and lower() is the dearest part of a search.
  return sql<SqlBool>`(${description} <> '' and ${isLike(sql`lower(${description})`, pattern)})`;
}

function isLike(text: RawBuilder<unknown>, pattern: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${text} like ${pattern} escape '\\'`;
}

function patternOf(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
