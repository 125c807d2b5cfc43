import {
  type Digest,
  type LabelMap,
  LabelMapSchema,
  type SifContents,
  SifContentsSchema,
  decode,
} from "@sifshelf/protocol";

import { findBlob } from "./blobs.js";
import { type Catalog, inTransaction } from "./catalog.js";
import { labelTextOf } from "./label-text.js";
import { sqlOf } from "./sql.js";

/** What was found in stored bytes, and when. */
export interface NewInspection {
  readonly digest: Digest;
  readonly contents: SifContents;
  readonly nowMs: number;
}

/** Notes what was found in a blob. False, with nothing changed, if that is noted already or the blob is gone. */
export async function insertInspectionIfAbsent(
  catalog: Catalog,
  { digest, contents, nowMs }: NewInspection,
): Promise<boolean> {
  const { labels, ...others } = contents;
  return inTransaction(catalog, {}, async (transaction) => {
    if ((await findBlob(transaction, digest)) === undefined) return false;
    const result = await sqlOf(transaction)
      .insertInto("inspections")
      .values({
        digest,
        inspected_at: nowMs,
        label_text: labelTextOf(labels),
        labels: JSON.stringify(labels),
        contents: JSON.stringify(others),
      })
      .onConflict((conflict) => conflict.column("digest").doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  });
}

/** What was found in a blob; undefined if it has not been inspected yet. */
export async function findInspection(
  catalog: Catalog,
  digest: Digest,
): Promise<SifContents | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("inspections")
    .select(["labels", "contents"])
    .where("digest", "=", digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const contents = decode(SifContentsSchema, JSON.parse(row.contents), "inspection");
  return { ...contents, labels: parseLabels(row.labels) };
}

/** The labels that were found in a blob; undefined if it has not been inspected yet. */
export async function findLabels(catalog: Catalog, digest: Digest): Promise<LabelMap | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("inspections")
    .select("labels")
    .where("digest", "=", digest)
    .executeTakeFirst();
  return row && parseLabels(row.labels);
}

/** Whether a blob has been inspected. */
export async function isInspected(catalog: Catalog, digest: Digest): Promise<boolean> {
  const row = await sqlOf(catalog)
    .selectFrom("inspections")
    .select("digest")
    .where("digest", "=", digest)
    .executeTakeFirst();
  return row !== undefined;
}

function parseLabels(json: string): LabelMap {
  return decode(LabelMapSchema, JSON.parse(json), "labels");
}
