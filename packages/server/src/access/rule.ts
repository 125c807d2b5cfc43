import { type Role, type Viewer, holds } from "./viewer.js";

/** What a record says about who may see and change it. */
export interface Owned {
  /** The owner of the entity that the record belongs to. */
  readonly ownerId: string;
  /** Absent for entities, which everyone may see. */
  readonly isPrivate?: boolean;
}

/**
 * A condition on a viewer and a record. A rule is data, so that one definition gives both the check
 * of a record in memory ({@link allows}) and the predicate of a query (catalog/visibility.ts).
 */
export type Rule =
  /** The record is not private. */
  | { readonly kind: "public" }
  /** The viewer holds the role on the records of the record's owner. */
  | { readonly kind: "role"; readonly role: Role }
  /** One of the rules holds. */
  | { readonly kind: "any"; readonly of: readonly Rule[] };

/** Who may know that a record exists, and read it. */
export const MAY_SEE: Rule = {
  kind: "any",
  of: [{ kind: "public" }, { kind: "role", role: "reader" }],
};

/** Who may change a record, and what is in it. */
export const MAY_CHANGE: Rule = { kind: "role", role: "writer" };

/** Whether the rule holds for the viewer and the record. */
export function allows(rule: Rule, viewer: Viewer, record: Owned): boolean {
  if (rule.kind === "public") return record.isPrivate !== true;
  if (rule.kind === "role") return holds(viewer, rule.role, record.ownerId);
  return rule.of.some((each) => allows(each, viewer, record));
}
