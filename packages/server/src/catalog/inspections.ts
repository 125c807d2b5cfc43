import {
  type Digest,
  type LabelMap,
  type SifContents,
  SifContentsSchema,
  decode,
} from "@sifshelf/protocol";

import { findBlob } from "./blobs.js";
import { type Catalog, inTransaction } from "./catalog.js";
import { labelTextOf } from "./search/label-text.js";
import { firstRow, prepare } from "./session/prepared.js";
import { noteBlobChange } from "./search/changes.js";
import { sqlOf } from "./sql.js";

/** Findings in stored bytes, and their time. */
export interface NewInspection {
  readonly digest: Digest;
  readonly contents: SifContents;
  readonly nowMs: number;
}

/**
 * Records the findings in a blob. False, with nothing changed, if it has some already or is gone.
 */
export async function insertInspectionIfAbsent(
  catalog: Catalog,
  { digest, contents, nowMs }: NewInspection,
): Promise<boolean> {
  const { labels, ...others } = contents;
  // The lock keeps the blob from being collected in between.
  return inTransaction(catalog, { locks: { blob: digest } }, async (transaction) => {
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
    await noteBlobChange(transaction, digest);
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  });
}

const BY_DIGEST = prepare((db, { digest }: { digest: string }) =>
  db.selectFrom("inspections").select(["labels", "contents"]).where("digest", "=", digest),
);

/** The findings in a blob; undefined if it has not been inspected yet. */
export async function findInspection(
  catalog: Catalog,
  digest: Digest,
): Promise<SifContents | undefined> {
  const row = await firstRow(catalog, BY_DIGEST, { digest });
  if (row === undefined) return undefined;
  const contents = decode(SifContentsSchema, JSON.parse(row.contents), "inspection");
  return { ...contents, labels: parseLabels(row.labels) };
}

const LABELS_BY_DIGEST = prepare((db, { digest }: { digest: string }) =>
  db.selectFrom("inspections").select("labels").where("digest", "=", digest),
);

/** The labels found in a blob; undefined if it has not been inspected yet. */
export async function findLabels(catalog: Catalog, digest: Digest): Promise<LabelMap | undefined> {
  const row = await firstRow(catalog, LABELS_BY_DIGEST, { digest });
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

/** The labels in the column of that name, which were checked when they were written there. */
export function parseLabels(json: string): LabelMap {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return JSON.parse(json) as LabelMap;
}
