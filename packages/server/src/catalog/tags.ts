import { type Catalog, inTransaction } from "./catalog.js";
import type { TagRecord } from "./records.js";
import { noteChange } from "./search/changes.js";
import { sqlOf } from "./sql.js";

/** A tag to set; `imageId` must be an image of the container. */
export interface NewTag extends TagRecord {
  readonly containerId: string;
  /** Name of the user who sets it. */
  readonly updatedBy: string;
  readonly nowMs: number;
}

/** The container's tags, by arch and name. */
export async function listTags(catalog: Catalog, containerId: string): Promise<TagRecord[]> {
  return sqlOf(catalog)
    .selectFrom("tags")
    .select(["arch", "name", "image_id as imageId"])
    .where("container_id", "=", containerId)
    .orderBy("arch")
    .orderBy("name")
    .execute();
}

/** The container's tag of that arch (empty: the plain tag) and name. */
export async function findTag(
  catalog: Catalog,
  containerId: string,
  arch: string,
  name: string,
): Promise<TagRecord | undefined> {
  return sqlOf(catalog)
    .selectFrom("tags")
    .select(["arch", "name", "image_id as imageId"])
    .where("container_id", "=", containerId)
    .where("arch", "=", arch)
    .where("name", "=", name)
    .executeTakeFirst();
}

/** Sets a tag, or moves it if it is there. */
export async function putTag(catalog: Catalog, tag: NewTag): Promise<void> {
  if (!sqlOf(catalog).isTransaction)
    return inTransaction(catalog, {}, (transaction) => putTag(transaction, tag));
  const previous = await findTag(catalog, tag.containerId, tag.arch, tag.name);
  for (const id of [tag.imageId, previous?.imageId ?? tag.imageId])
    noteChange(catalog, "image", id);
  const change = { image_id: tag.imageId, updated_by: tag.updatedBy, updated_at: tag.nowMs };
  await sqlOf(catalog)
    .insertInto("tags")
    .values({ container_id: tag.containerId, arch: tag.arch, name: tag.name, ...change })
    .onConflict((conflict) =>
      conflict.columns(["container_id", "arch", "name"]).doUpdateSet(change),
    )
    .execute();
}

/** Names of the tags, plain or of an arch, that point to the image: each once, sorted. */
export async function listTagNamesOfImage(catalog: Catalog, imageId: string): Promise<string[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("tags")
    .select("name")
    .distinct()
    .where("image_id", "=", imageId)
    .orderBy("name")
    .execute();
  return rows.map((row) => row.name);
}
