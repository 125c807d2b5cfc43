import type { CreateEntityRequest, Entity } from "@sifshelf/protocol";

import { type Principal, type UserPrincipal, viewerOf } from "../access/principal.js";
import { listCollectionIds } from "../catalog/collections.js";
import { entityUsage, findEntityByName, insertEntityIfAbsent } from "../catalog/entities.js";
import type { EntityRecord, Viewer } from "../catalog/records.js";
import { checkDescription, checkName } from "./checked-input.js";
import { Fault } from "../faults/fault.js";
import type { Library } from "./library.js";
import { entityModel } from "./models.js";
import { requireVisible } from "../access/permissions.js";

/** The quota of an entity for which nobody set one. */
const UNLIMITED = 0;

/** The entity of that name; throws `not-found`. Entities themselves are never private, what is in them may be. */
export async function getEntity(
  library: Library,
  principal: Principal,
  name: string,
): Promise<Entity> {
  const record = await findEntityByName(library.catalog, checkName("entity", name));
  return describeEntity(library, viewerOf(principal), requireVisible(principal, record));
}

/**
 * Creates the entity, owned by the principal, or returns the one of that name whoever owns it: clients create what they could
 * not find, and may do so twice at once.
 *
 * @throws Fault `forbidden` when the site lets only others create this entity.
 */
export async function createEntity(
  library: Library,
  principal: UserPrincipal,
  request: CreateEntityRequest,
): Promise<Entity> {
  const name = checkName("entity", request.name);
  const description = checkDescription(request.description);
  const existing = await findEntityByName(library.catalog, name);
  if (existing !== undefined) return describeEntity(library, viewerOf(principal), existing);
  checkMayCreate(library, principal, name);
  const record = await insertEntityIfAbsent(library.catalog, {
    name,
    description,
    ownerId: principal.userId,
    quotaBytes: UNLIMITED,
    defaultPrivate: request.defaultPrivate,
    createdBy: principal.userName,
    nowMs: library.now(),
  });
  return describeEntity(library, viewerOf(principal), record);
}

function checkMayCreate(library: Library, principal: UserPrincipal, name: string): void {
  const rule = library.settings.entityCreation;
  if (rule === "anyone" || principal.isAdmin) return;
  if (rule === "own-name" && name === principal.userName) return;
  throw new Fault(
    "forbidden",
    rule === "own-name"
      ? `you cannot create the entity ${name}; on this site you push to the entity of your own name, ${principal.userName}`
      : `you cannot create the entity ${name}; on this site an admin creates entities`,
  );
}

/** The entity with what is in it that the viewer may see. */
export async function describeEntity(
  library: Library,
  viewer: Viewer,
  record: EntityRecord,
): Promise<Entity> {
  const [collections, size] = await Promise.all([
    listCollectionIds(library.catalog, record.id, viewer),
    entityUsage(library.catalog, record.id, viewer),
  ]);
  return entityModel(record, { collections, size });
}
