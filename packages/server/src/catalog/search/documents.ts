import { sql } from "kysely";

import type { Catalog } from "../catalog.js";
import { allRows, changeRows, prepare } from "../session/prepared.js";
import { toBit } from "../stored-bit.js";
import { KINDS, firstOldNumber, nextNumber } from "./document-numbers.js";
import { type DocumentSource, readDocumentSources } from "./document-sources.js";
import { type SearchKind, documentText } from "./search-text.js";
import { filterTokens } from "./tokens.js";

/**
 * Writes the documents of these things as the catalog has them now, inside the caller's
 * transaction. A thing that is gone loses its document, a new one gets the next number, any other
 * keeps its own.
 */
export async function writeDocuments(
  transaction: Catalog,
  kind: SearchKind,
  ids: readonly string[],
): Promise<void> {
  const known = await documentNumbers(transaction, ids);
  const sources = await readDocumentSources(transaction, kind, ids);
  const found = new Map(sources.map((source) => [source.id, source]));
  for (const id of ids) {
    const seq = known.get(id);
    const source = found.get(id);
    if (source === undefined) {
      if (seq !== undefined) await removeDocument(transaction, seq);
    } else if (seq === undefined) {
      const next = await nextNumber(transaction, kind);
      await insertDocument(transaction, documentOf(kind, source, next));
    } else await updateDocument(transaction, documentOf(kind, source, seq));
  }
}

/** A thing that is to have a document. */
export interface Undocumented {
  readonly kind: SearchKind;
  readonly source: DocumentSource;
}

/** Gives documents to things that are older than all of their kind that have one, oldest first. */
export async function addOldDocuments(
  transaction: Catalog,
  things: readonly Undocumented[],
): Promise<void> {
  // The index appends ascending numbers to one segment and starts another for each that descends.
  for (const kind of KINDS) {
    const ofKind = things.filter((thing) => thing.kind === kind);
    if (ofKind.length === 0) continue;
    let seq = await firstOldNumber(transaction, kind, ofKind.length);
    for (const { source } of ofKind) {
      await insertDocument(transaction, documentOf(kind, source, seq++));
    }
  }
}

const NUMBERS = prepare((db, { ids }: { ids: string }, words) =>
  db.selectFrom("search_documents").select(["id", "seq"]).where("id", "in", words.elementsOf(ids)),
);

/** The numbers of those of the things that have a document. */
export async function documentNumbers(
  catalog: Catalog,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await allRows(catalog, NUMBERS, { ids: JSON.stringify(ids) });
  return new Map(rows.map(({ id, seq }) => [id, seq]));
}

/** A row of `search_documents`, with what the index gets beside its text. */
type Document = {
  readonly seq: number;
  readonly kind: SearchKind;
  readonly id: string;
  readonly scope: number;
  readonly arch: string;
  readonly signed: 0 | 1;
  readonly text: string;
  readonly filters: string;
};

function documentOf(kind: SearchKind, source: DocumentSource, seq: number): Document {
  const { id, scope, arches = [], isSigned = false, fields } = source;
  return {
    seq,
    kind,
    id,
    scope,
    // With a space around each, so that one is found with a space around it.
    arch: arches.length === 0 ? "" : ` ${arches.join(" ")} `,
    signed: toBit(isSigned),
    text: documentText(fields),
    filters: filterTokens({ kind, scope, arches, isSigned }),
  };
}

const INSERT = prepare((db, { seq, kind, id, scope, arch, signed, text }: Document) =>
  db.insertInto("search_documents").values({ seq, kind, id, scope, arch, signed, text }),
);

const UPDATE = prepare((db, { seq, scope, arch, signed, text }: Document) =>
  db
    .updateTable("search_documents")
    .set({ scope, arch, signed, text })
    .where("seq", "=", seq)
    .where((eb) =>
      eb.or([
        eb("scope", "<>", scope),
        eb("arch", "<>", arch),
        eb("signed", "<>", signed),
        eb("text", "<>", text),
      ]),
    ),
);

const DELETE = prepare((db, { seq }: { seq: number }) =>
  db.deleteFrom("search_documents").where("seq", "=", seq),
);

const INDEX = prepare((db, { seq, text, filters }: Document) => ({
  compile: () =>
    sql`insert into search_index (rowid, text, filters) values (${seq}, ${text}, ${filters})`.compile(
      db,
    ),
}));

const UNINDEX = prepare((db, { seq }: { seq: number }) => ({
  compile: () => sql`delete from search_index where rowid = ${seq}`.compile(db),
}));

async function insertDocument(transaction: Catalog, document: Document): Promise<void> {
  await changeRows(transaction, INSERT, document);
  await changeRows(transaction, INDEX, document);
}

async function updateDocument(transaction: Catalog, document: Document): Promise<void> {
  if ((await changeRows(transaction, UPDATE, document)) === 0) return;
  await changeRows(transaction, UNINDEX, { seq: document.seq });
  await changeRows(transaction, INDEX, document);
}

async function removeDocument(transaction: Catalog, seq: number): Promise<void> {
  await changeRows(transaction, DELETE, { seq });
  await changeRows(transaction, UNINDEX, { seq });
}
