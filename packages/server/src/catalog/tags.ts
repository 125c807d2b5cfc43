import { type Catalog, inTransaction } from "./catalog.js";
import { allRows, changeRows, firstRow, prepare } from "./session/prepared.js";
import type { TagRecord } from "./records.js";
import { noteChange } from "./search/changes.js";

/** A tag to set; `imageId` must be an image of the container. */
export interface NewTag extends TagRecord {
  readonly containerId: string;
  /** Name of the user who sets it. */
  readonly updatedBy: string;
  readonly nowMs: number;
}

const OF_CONTAINER = prepare((db, { containerId }: { containerId: string }) =>
  db
    .selectFrom("tags")
    .select(["arch", "name", "image_id as imageId"])
    .where("container_id", "=", containerId)
    .orderBy("arch")
    .orderBy("name"),
);

/** The container's tags, by arch and name. */
export function listTags(catalog: Catalog, containerId: string): Promise<TagRecord[]> {
  return allRows(catalog, OF_CONTAINER, { containerId });
}

const BY_NAME = prepare(
  (db, { containerId, arch, name }: { containerId: string; arch: string; name: string }) =>
    db
      .selectFrom("tags")
      .select(["arch", "name", "image_id as imageId"])
      .where("container_id", "=", containerId)
      .where("arch", "=", arch)
      .where("name", "=", name),
);

/** The container's tag of that arch (empty: the plain tag) and name. */
export function findTag(
  catalog: Catalog,
  containerId: string,
  arch: string,
  name: string,
): Promise<TagRecord | undefined> {
  return firstRow(catalog, BY_NAME, { containerId, arch, name });
}

type TagValues = { readonly [Name in keyof NewTag]: NewTag[Name] };

const PUT = prepare((db, tag: TagValues) => {
  const change = { image_id: tag.imageId, updated_by: tag.updatedBy, updated_at: tag.nowMs };
  return db
    .insertInto("tags")
    .values({ container_id: tag.containerId, arch: tag.arch, name: tag.name, ...change })
    .onConflict((conflict) =>
      conflict.columns(["container_id", "arch", "name"]).doUpdateSet(change),
    );
});

/** Sets a tag, or moves it if it exists. */
export async function putTag(catalog: Catalog, tag: NewTag): Promise<void> {
  const { containerId, arch, name, imageId } = tag;
  await inTransaction(catalog, { locks: { container: containerId } }, async (transaction) => {
    const previous = await findTag(transaction, containerId, arch, name);
    for (const id of [imageId, previous?.imageId ?? imageId]) noteChange(transaction, "image", id);
    await changeRows(transaction, PUT, { ...tag });
  });
}

const NAMES_OF_IMAGES = prepare((db, { imageIds }: { imageIds: string }, words) =>
  db
    .selectFrom("tags")
    .select(["image_id", "name"])
    .where("image_id", "in", words.elementsOf(imageIds)),
);

/**
 * Names of the tags, plain or of an arch, that point to each of the images, by image id: each name
 * once, sorted. Images without tags are missing.
 */
export async function listTagNames(
  catalog: Catalog,
  imageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (imageIds.length === 0) return new Map();
  const rows = await allRows(catalog, NAMES_OF_IMAGES, { imageIds: JSON.stringify(imageIds) });
  const names = new Map<string, string[]>();
  for (const { image_id: id, name } of rows) {
    const known = names.get(id);
    if (known === undefined) names.set(id, [name]);
    else known.push(name);
  }
  return new Map([...names].map(([id, all]) => [id, sortedNames(all)]));
}

/** Each name once, sorted. */
export function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}

/** The tags in a column that is a JSON array of `[arch, name, image id]`. */
export function parseTags(json: string): TagRecord[] {
  // The query that made the column has these columns.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const rows = JSON.parse(json) as [string, string, string][];
  return rows.map(([arch, name, imageId]) => ({ arch, name, imageId }));
}
