import { type RawBuilder, type SqlBool, sql } from "kysely";

import type { Viewer } from "./records.js";

/** Condition on `collections` joined with `entities`: the viewer may see the collection. */
export function collectionIsVisible(viewer: Viewer): RawBuilder<SqlBool> {
  if (viewer.seesAll) return sql<SqlBool>`1 = 1`;
  if (viewer.userId === null) return sql<SqlBool>`collections.private = 0`;
  return sql<SqlBool>`(collections.private = 0 or entities.owner_id = ${viewer.userId})`;
}

/** Condition on `containers` joined with `collections` and `entities`: the viewer may see the container and what is in it. */
export function containerIsVisible(viewer: Viewer): RawBuilder<SqlBool> {
  if (viewer.seesAll) return sql<SqlBool>`1 = 1`;
  if (viewer.userId === null)
    return sql<SqlBool>`(containers.private = 0 and collections.private = 0)`;
  return sql<SqlBool>`((containers.private = 0 and collections.private = 0) or entities.owner_id = ${viewer.userId})`;
}
