import type { CreateEntityRequest, Entity } from "@sifshelf/protocol";

import { requireVisible } from "../access/permissions.js";
import { type Principal, type UserPrincipal, viewerOf } from "../access/principal.js";
import type { Viewer } from "../access/viewer.js";
import { findEntityByName, insertEntityIfAbsent, listEntityContents } from "../catalog/entities.js";
import { readContents } from "../catalog/read-contents.js";
import type { EntityRecord } from "../catalog/records.js";
import { Fault } from "../faults/fault.js";
import { checkDescription, checkName } from "./checked-input.js";
import type { Library } from "./library.js";
import { entityModel } from "./models.js";
import type { Sent } from "./sent.js";

/** The quota of an entity for which nobody set one. */
const UNLIMITED = 0;

/**
 * The entity of that name. Entities are never private; what is in them may be.
 *
 * @throws Fault `not-found`.
 */
export async function getEntity(
  library: Pick<Library, "catalog">,
  principal: Principal,
  name: string,
): Promise<Sent<Entity>> {
  const found = await findEntityByName(library.catalog, checkName("entity", name));
  return describeEntity(library, viewerOf(principal), requireVisible(principal, found));
}

/**
 * Creates the entity, owned by the principal, or returns the one of that name whoever owns it:
 * clients create what they could not find, and two may do so at once.
 *
 * @throws Fault `forbidden` when the site lets only others create this entity.
 */
export async function createEntity(
  library: Library,
  principal: UserPrincipal,
  request: CreateEntityRequest,
): Promise<Sent<Entity>> {
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

/**
 * The entities as they go over the wire, with what is in them that the viewer may see; one query.
 */
export async function describeEntities(
  { catalog }: Pick<Library, "catalog">,
  viewer: Viewer,
  records: readonly EntityRecord[],
): Promise<Sent<Entity>[]> {
  const ids = records.map(({ id }) => id);
  const contents = await listEntityContents(catalog, ids, viewer);
  return records.map((record) => entityModel(record, contents.get(record.id)));
}

/** The entity as {@link describeEntities} does it. */
export async function describeEntity(
  { catalog }: Pick<Library, "catalog">,
  viewer: Viewer,
  record: EntityRecord,
): Promise<Sent<Entity>> {
  const contents = await readContents(catalog, { entityId: record.id }, (reader) =>
    listEntityContents(reader, [record.id], viewer),
  );
  return entityModel(record, contents.get(record.id));
}
