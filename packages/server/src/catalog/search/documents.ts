import { sql } from "kysely";

import type { Db } from "../sql.js";
import { toBit } from "../stored-bit.js";
import { type DocumentSource, isOneOf, readDocumentSources } from "./document-sources.js";
import { type SearchKind, documentText } from "./search-text.js";
import { filterTokens } from "./tokens.js";

/**
 * Writes the documents of these things as the catalog has them now, inside the caller's transaction.
 * A thing that is gone loses its document; a new one gets the highest number; any other keeps its own.
 */
export async function writeDocuments(
  db: Db,
  kind: SearchKind,
  ids: readonly string[],
): Promise<void> {
  const known = await documentNumbers(db, ids);
  const sources = await readDocumentSources(db, kind, ids);
  const found = new Map(sources.map((source) => [source.id, source]));
  for (const id of ids) {
    const seq = known.get(id);
    const source = found.get(id);
    if (source !== undefined) await writeDocument(db, { kind, source, seq });
    else if (seq !== undefined) await removeDocument(db, seq);
  }
}

/**
 * Adds documents below all others, for things that are older than all that have one. `sources` come
 * oldest first.
 */
export async function addOldDocuments(
  db: Db,
  sources: readonly { readonly kind: SearchKind; readonly source: DocumentSource }[],
): Promise<void> {
  const lowest = await db
    .selectFrom("search_documents")
    .select((eb) => eb.fn.min("seq").as("seq"))
    .executeTakeFirst();
  // The index appends ascending numbers to one segment and starts another for each that descends.
  let seq = (lowest?.seq ?? 1) - sources.length;
  for (const { kind, source } of sources) await insertDocument(db, { kind, source, seq: seq++ });
}

/** The numbers of those of the things that have a document. */
export async function documentNumbers(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("search_documents")
    .select(["id", "seq"])
    .where(isOneOf("id", ids))
    .execute();
  return new Map(rows.map(({ id, seq }) => [id, seq]));
}

interface DocumentToWrite {
  readonly kind: SearchKind;
  readonly source: DocumentSource;
  readonly seq: number | undefined;
}

async function writeDocument(db: Db, document: DocumentToWrite): Promise<void> {
  if (document.seq === undefined) {
    await insertDocument(db, document);
    return;
  }
  const columns = columnsOf(document.source);
  const result = await db
    .updateTable("search_documents")
    .set(columns)
    .where("seq", "=", document.seq)
    .where((eb) =>
      eb.or([
        eb("text", "<>", columns.text),
        eb("scope", "<>", columns.scope),
        eb("arch", "<>", columns.arch),
        eb("signed", "<>", columns.signed),
      ]),
    )
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return;
  await removeFromIndex(db, document.seq);
  await addToIndex(db, document.seq, document);
}

async function insertDocument(db: Db, document: DocumentToWrite): Promise<void> {
  const { kind, source } = document;
  const values = { kind, id: source.id, ...columnsOf(source) };
  const { seq } = await db
    .insertInto("search_documents")
    .values(document.seq === undefined ? values : { ...values, seq: document.seq })
    .returning("seq")
    .executeTakeFirstOrThrow();
  await addToIndex(db, seq, document);
}

async function removeDocument(db: Db, seq: number): Promise<void> {
  await db.deleteFrom("search_documents").where("seq", "=", seq).execute();
  await removeFromIndex(db, seq);
}

function columnsOf({ scope, arches, isSigned, fields }: DocumentSource) {
  return {
    scope,
    // With a space around each, so that one is found with a space around it.
    arch: arches.length === 0 ? "" : ` ${arches.join(" ")} `,
    signed: toBit(isSigned),
    text: documentText(fields),
  };
}

async function addToIndex(
  db: Db,
  seq: number,
  { kind, source }: Pick<DocumentToWrite, "kind" | "source">,
): Promise<void> {
  const text = documentText(source.fields);
  const filters = filterTokens({ kind, ...source });
  await sql`insert into search_index (rowid, text, filters) values (${seq}, ${text}, ${filters})`.execute(
    db,
  );
}

async function removeFromIndex(db: Db, seq: number): Promise<void> {
  await sql`delete from search_index where rowid = ${seq}`.execute(db);
}
