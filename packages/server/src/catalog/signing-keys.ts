import { randomBytes } from "node:crypto";

import { createId } from "../ids/ids.js";
import type { Catalog } from "./catalog.js";
import { allRows, changeRows, prepare } from "./session/prepared.js";

const SECRET_BYTES = 32;

/**
 * How long the keys are used before they are read again, in milliseconds: a new one shows by then.
 */
const KEPT_MS = 10_000;

/** A key that signs capability URLs. */
export interface SigningKeyRecord {
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

/**
 * The key to sign with: the newest. The first call on a new catalog creates it; of several at once,
 * in any number of processes, all get the same. A key that another process adds is used within 10
 * s.
 */
export async function currentSigningKey(catalog: Catalog): Promise<SigningKeyRecord> {
  const { newest } = await keptKeys(catalog);
  return newest ?? createFirstKey(catalog);
}

/** The key with that id, to check a signature made earlier. */
export async function findSigningKey(
  catalog: Catalog,
  id: string,
): Promise<SigningKeyRecord | undefined> {
  const { byId } = await keptKeys(catalog);
  // Another process may have added it a moment ago.
  return byId.get(id) ?? (await readKeys(catalog)).byId.get(id);
}

interface SigningKeys {
  readonly byId: ReadonlyMap<string, SigningKeyRecord>;
  readonly newest: SigningKeyRecord | undefined;
}

interface KeptKeys {
  readonly keys: Promise<SigningKeys>;
  /** On the clock of `performance.now()`. */
  readonly readAtMs: number;
}

/** Keys never change, so that signed URLs cost no query. */
const KEPT = new WeakMap<Catalog, KeptKeys>();

function keptKeys(catalog: Catalog): Promise<SigningKeys> {
  const kept = KEPT.get(catalog);
  if (kept !== undefined && performance.now() - kept.readAtMs < KEPT_MS) return kept.keys;
  return readKeys(catalog);
}

function readKeys(catalog: Catalog): Promise<SigningKeys> {
  const keys = queryKeys(catalog);
  const kept = { keys, readAtMs: performance.now() };
  KEPT.set(catalog, kept);
  keys.catch(() => {
    if (KEPT.get(catalog) === kept) KEPT.delete(catalog);
  });
  return keys;
}

const ALL = prepare((db) => db.selectFrom("signing_keys").select(["id", "secret"]).orderBy("id"));

async function queryKeys(catalog: Catalog): Promise<SigningKeys> {
  const records = (await allRows(catalog, ALL, {})).map(({ id, secret }) => ({
    id,
    secret: Buffer.from(secret, "base64url"),
  }));
  return { byId: new Map(records.map((key) => [key.id, key])), newest: records.at(-1) };
}

type NewKey = { readonly id: string; readonly secret: string; readonly nowMs: number };

// Of two processes that both find no key, the second to insert generation 1 inserts nothing.
const INSERT_FIRST = prepare((db, { id, secret, nowMs }: NewKey) =>
  db
    .insertInto("signing_keys")
    .values({ id, secret, created_at: nowMs, generation: 1 })
    .onConflict((conflict) => conflict.column("generation").doNothing()),
);

async function createFirstKey(catalog: Catalog): Promise<SigningKeyRecord> {
  const nowMs = Date.now();
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  await changeRows(catalog, INSERT_FIRST, { id: createId(nowMs), secret, nowMs });
  const { newest } = await readKeys(catalog);
  if (newest !== undefined) return newest;
  throw new Error("the catalog did not keep the signing key that was just created");
}
