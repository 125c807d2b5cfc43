import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";

import { MAY_SEE, type Rule } from "../access/rule.js";
import { type Role, type Viewer, holdsEverywhere, ownersGranting } from "../access/viewer.js";
import type { SqlWords } from "./session/adapter.js";

/** What a rule looks at in the rows of a query. */
interface OwnedRow {
  readonly ownerId: Expression<string>;
  readonly isPublic: RawBuilder<SqlBool>;
}

/**
 * What a rule looks at in a viewer: a condition that it holds the role on the records of an owner.
 */
interface ViewerSql {
  holds(role: Role, ownerId: Expression<string>): RawBuilder<SqlBool>;
}

/** A row of `collections` joined with `entities`. */
export const COLLECTION_ROW: OwnedRow = {
  ownerId: sql.ref("entities.owner_id"),
  isPublic: sql<SqlBool>`collections.private = 0`,
};

/**
 * A row of `containers` joined with `collections` and `entities`, or of what is in the container.
 */
export const CONTAINER_ROW: OwnedRow = {
  ownerId: sql.ref("entities.owner_id"),
  isPublic: sql<SqlBool>`(containers.private = 0 and collections.private = 0)`,
};

/** The rule as a condition on the rows of a query; in memory `allows` of access/ is the same. */
export function conditionOf(rule: Rule, viewer: ViewerSql, row: OwnedRow): RawBuilder<SqlBool> {
  if (rule.kind === "public") return row.isPublic;
  if (rule.kind === "role") return viewer.holds(rule.role, row.ownerId);
  const conditions = rule.of.map((each) => conditionOf(each, viewer, row));
  return sql<SqlBool>`(${sql.join(conditions, sql` or `)})`;
}

/** Condition on {@link COLLECTION_ROW}: the viewer may see the collection. */
export function collectionIsVisible(viewer: Viewer): RawBuilder<SqlBool> {
  return conditionOf(MAY_SEE, knownViewer(viewer), COLLECTION_ROW);
}

/** Condition on {@link CONTAINER_ROW}: the viewer may see the container and what is in it. */
export function containerIsVisible(viewer: Viewer): RawBuilder<SqlBool> {
  return conditionOf(MAY_SEE, knownViewer(viewer), CONTAINER_ROW);
}

/** A viewer whose grants become part of the query. */
export function knownViewer(viewer: Viewer): ViewerSql {
  return {
    holds(role, ownerId) {
      if (holdsEverywhere(viewer, role)) return sql<SqlBool>`1 = 1`;
      const owners = ownersGranting(viewer, role);
      if (owners.length === 0) return sql<SqlBool>`1 = 0`;
      return sql<SqlBool>`${ownerId} in (${sql.join(owners)})`;
    },
  };
}

/**
 * A viewer as values of a prepared query: 1 or 0 for all owners, and a JSON array of single ones.
 */
export type ViewerValues = {
  readonly reader_of_all: number;
  readonly reader_of: string;
  readonly writer_of_all: number;
  readonly writer_of: string;
};

/** The values that stand for the viewer in a query with {@link anyViewer}. */
export function viewerValues(viewer: Viewer): ViewerValues {
  return {
    reader_of_all: holdsEverywhere(viewer, "reader") ? 1 : 0,
    reader_of: JSON.stringify(ownersGranting(viewer, "reader")),
    writer_of_all: holdsEverywhere(viewer, "writer") ? 1 : 0,
    writer_of: JSON.stringify(ownersGranting(viewer, "writer")),
  };
}

/** A viewer that a prepared query gets with its values. */
export function anyViewer(values: ViewerValues, words: SqlWords): ViewerSql {
  return {
    holds: (role, ownerId) =>
      sql<SqlBool>`(${values[`${role}_of_all`]} = 1 or ${ownerId} in ${words.elementsOf(values[`${role}_of`])})`,
  };
}
