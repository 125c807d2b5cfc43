import { MAX_NAME_LENGTH, isRefPart } from "@sifshelf/protocol";

import type { Catalog } from "../catalog/catalog.js";
import type { UserRecord } from "../catalog/records.js";
import { type NewUser, insertUser } from "../catalog/users.js";
import { Fault } from "../faults/fault.js";

/** Name of the user that the server's first start creates. */
export const FIRST_ADMIN = "admin";

/**
 * Creates a user. The name must be valid for an entity too, since users may own the entity of their
 * name.
 *
 * @throws Fault `ref-not-valid` for any other name, `conflict` if it is taken; `admin` always is.
 */
export async function addUser(catalog: Catalog, user: NewUser): Promise<UserRecord> {
  if (user.name.length > MAX_NAME_LENGTH || !isRefPart(user.name)) {
    throw new Fault(
      "ref-not-valid",
      "the user name is not valid; use lower-case letters, digits and single dots, dashes or underscores between them",
    );
  }
  // Refused even before the first start, which needs the name.
  const added = user.name === FIRST_ADMIN ? undefined : await insertUser(catalog, user);
  if (added === undefined) {
    throw new Fault("conflict", `there is a user ${user.name} already; choose another name`);
  }
  return added;
}
