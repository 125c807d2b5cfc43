import type { Catalog } from "../catalog.js";
import type { Session } from "../session/adapter.js";
import { sessionOf, sqlOf } from "../sql.js";
import { writeDocuments } from "./documents.js";
import type { SearchKind } from "./search-text.js";

/** Documents written at once. */
const BATCH = 500;

/** By transaction, the things that have changed in it. */
const changes = new WeakMap<Session, Map<string, SearchKind>>();

/**
 * Notes that something was created, changed or deleted in this transaction. Its document is written
 * once, before the transaction commits, however often the thing changes until then.
 */
export function noteChange(transaction: Catalog, kind: SearchKind, id: string): void {
  const session = sessionOf(transaction);
  if (!session.isTransaction)
    throw new Error("a document changes in the transaction of its thing only");
  const noted = changes.get(session) ?? new Map<string, SearchKind>();
  changes.set(session, noted.set(id, kind));
}

/** Notes that what is known about a blob has changed, and with it all images that have it. */
export async function noteBlobChange(transaction: Catalog, digest: string): Promise<void> {
  const images = await sqlOf(transaction)
    .selectFrom("images")
    .select("id")
    .where("blob_digest", "=", digest)
    .execute();
  for (const { id } of images) noteChange(transaction, "image", id);
}

/** Writes the documents of all that changed in the transaction. Called once, before it commits. */
export async function writeChanges(transaction: Catalog): Promise<void> {
  const session = sessionOf(transaction);
  const noted = [...(changes.get(session) ?? [])];
  changes.delete(session);
  for (const kind of new Set(noted.map(([, each]) => each))) {
    const ids = noted.filter(([, each]) => each === kind).map(([id]) => id);
    for (let at = 0; at < ids.length; at += BATCH) {
      await writeDocuments(transaction, kind, ids.slice(at, at + BATCH));
    }
  }
}
