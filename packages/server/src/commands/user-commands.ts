import { addUser } from "../accounts/add-user.js";
import type { UserRecord } from "../catalog/records.js";
import { listUsers } from "../catalog/users.js";
import type { CommandContext } from "./command-context.js";
import { formatTable } from "./text-table.js";
import { withCatalog, withNewCatalog } from "./with-catalog.js";

/** A user as `--json` prints it. */
export interface UserJson {
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** `user add NAME [--admin]`: creates a user and prints it. */
export async function runUserAdd(
  context: CommandContext,
  name: string,
  options: { readonly admin?: boolean },
): Promise<void> {
  const user = await withNewCatalog(context.config.data, (catalog) =>
    addUser(catalog, { name, isAdmin: options.admin ?? false, nowMs: context.nowMs }),
  );
  context.print(
    context.isJson
      ? JSON.stringify(toUserJson(user))
      : `added ${user.isAdmin ? "admin" : "user"} ${user.name}`,
  );
}

/** `user list`: prints all users, sorted by name. */
export async function runUserList(context: CommandContext): Promise<void> {
  const users = await withCatalog(context.config.data, listUsers);
  if (context.isJson) {
    context.print(JSON.stringify(users.map(toUserJson)));
    return;
  }
  const rows = users
    .map(toUserJson)
    .map((user) => [user.name, user.isAdmin ? "admin" : "user", user.createdAt, user.id]);
  for (const line of formatTable(["NAME", "ROLE", "CREATED", "ID"], rows)) context.print(line);
}

function toUserJson(user: UserRecord): UserJson {
  return {
    id: user.id,
    name: user.name,
    isAdmin: user.isAdmin,
    createdAt: new Date(user.createdAtMs).toISOString(),
  };
}
