import type { ImageHash, LabelMap } from "@sifshelf/protocol";
import { sql } from "kysely";

import type { SqlWords } from "./session/adapter.js";
import type { Catalog } from "./catalog.js";
import { selectImages, toImageRecord } from "./images.js";
import { parseLabels } from "./inspections.js";
import { firstRow, prepare } from "./session/prepared.js";
import type { ImageRecord } from "./records.js";
import type { Db } from "./sql.js";
import { sortedNames } from "./tags.js";

/** Names of a container and of what it is in. */
export type ContainerPath = {
  readonly entity: string;
  readonly collection: string;
  readonly container: string;
};

/** Which image of a container: by hash, by the UUID in its SIF header, or by tag. */
export type ImageSelector =
  | { readonly hash: ImageHash }
  /** The newest uploaded image with that UUID. */
  | { readonly sifId: string }
  /** An empty `arch` selects the plain tag. */
  | { readonly tag: string; readonly arch: string };

/** An image with what lookups show of it. */
export interface ImageDetails {
  readonly image: ImageRecord;
  /** Names of the tags that point to it, plain or of an arch: each once, sorted. */
  readonly tags: readonly string[];
  /** Undefined until it is inspected. */
  readonly labels: LabelMap | undefined;
}

/** The image that the selector finds in the container, uploaded or not (by UUID only uploaded). */
export async function findImageAt(
  catalog: Catalog,
  path: ContainerPath,
  selector: ImageSelector,
): Promise<ImageRecord | undefined> {
  const row = await findRow(catalog, path, selector);
  return row && toImageRecord(row);
}

/** Like {@link findImageAt}, with tags and labels; one query too. */
export async function findImageDetailsAt(
  catalog: Catalog,
  path: ContainerPath,
  selector: ImageSelector,
): Promise<ImageDetails | undefined> {
  const row = await findRow(catalog, path, selector);
  if (row === undefined) return undefined;
  return {
    image: toImageRecord(row),
    tags: sortedNames(parseNames(row.tag_names)),
    labels: row.labels === null ? undefined : parseLabels(row.labels),
  };
}

function findRow(
  catalog: Catalog,
  { entity, collection, container }: ContainerPath,
  selector: ImageSelector,
) {
  const path = { entity, collection, container };
  if ("hash" in selector) return firstRow(catalog, BY_HASH, { ...path, hash: selector.hash });
  if ("sifId" in selector) return firstRow(catalog, BY_SIF_ID, { ...path, sifId: selector.sifId });
  return firstRow(catalog, BY_TAG, { ...path, tag: selector.tag, arch: selector.arch });
}

const BY_HASH = prepare((db, values: ContainerPath & { readonly hash: string }, words) =>
  selectDetails(db, values, words).where("images.hash", "=", values.hash),
);

const BY_SIF_ID = prepare((db, values: ContainerPath & { readonly sifId: string }, words) =>
  selectDetails(db, values, words)
    .where("images.sif_id", "=", values.sifId)
    .where("images.uploaded", "=", 1)
    .orderBy("images.id", "desc")
    .limit(1),
);

const BY_TAG = prepare(
  (db, values: ContainerPath & { readonly tag: string; readonly arch: string }, words) =>
    selectDetails(db, values, words)
      .innerJoin("tags", (join) =>
        join
          .onRef("tags.container_id", "=", "containers.id")
          .onRef("tags.image_id", "=", "images.id"),
      )
      .where("tags.arch", "=", values.arch)
      .where("tags.name", "=", values.tag),
);

function selectDetails(db: Db, { entity, collection, container }: ContainerPath, words: SqlWords) {
  const name = sql.ref("pointing.name");
  const tagNames = sql<string>`(
    select ${words.arrayOf(name, name)} from tags as pointing where pointing.image_id = images.id)`;
  return selectImages(db)
    .leftJoin("inspections", "inspections.digest", "images.blob_digest")
    .select(["inspections.labels as labels", tagNames.as("tag_names")])
    .where("entities.name", "=", entity)
    .where("collections.name", "=", collection)
    .where("containers.name", "=", container);
}

function parseNames(json: string): string[] {
  const names: unknown = JSON.parse(json);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
