import { issueToken } from "../accounts/issue-token.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Scope } from "../access/principal.js";
import type { TokenRecord, UserRecord } from "../catalog/records.js";
import { findTokenById, listTokens, revokeToken } from "../catalog/tokens.js";
import { findUserByName, listUsers } from "../catalog/users.js";
import { Fault } from "../faults/fault.js";
import type { CommandContext } from "./command-context.js";
import { formatTable } from "./text-table.js";
import { withCatalog } from "./with-catalog.js";

/** A token as `--json` prints it; times are RFC 3339. */
export interface TokenJson {
  readonly id: string;
  readonly user: string;
  readonly scope: Scope;
  readonly label: string;
  readonly state: "active" | "expired" | "revoked";
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** A new token as `--json` prints it, with its secret. */
export interface NewTokenJson extends TokenJson {
  readonly token: string;
}

/** Options of `token create`. */
export interface TokenCreateOptions {
  readonly scope: Scope;
  readonly label: string;
  /** How long the token is valid, in milliseconds. Default: until it is revoked. */
  readonly expiresInMs?: number | undefined;
}

/** `token create USER`: creates a token and prints its secret, once, alone on a line. */
export async function runTokenCreate(
  context: CommandContext,
  userName: string,
  options: TokenCreateOptions,
): Promise<void> {
  const { nowMs } = context;
  const expiresAtMs = options.expiresInMs === undefined ? null : nowMs + options.expiresInMs;
  const { token, secret } = await withCatalog(context.config.data, async (catalog) => {
    const user = await userNamed(catalog, userName);
    return issueToken(catalog, user, {
      scope: options.scope,
      label: options.label,
      expiresAtMs,
      nowMs,
    });
  });
  const json: NewTokenJson = { ...toTokenJson(token, userName, nowMs), token: secret };
  if (context.isJson) {
    context.print(JSON.stringify(json));
    return;
  }
  context.note(
    `token ${json.id} of ${json.user}, scope ${json.scope}, expires ${json.expiresAt ?? "never"}; not shown again:`,
  );
  context.print(json.token);
}

/** `token list [USER]`: prints all tokens, or one user's, without their secrets. */
export async function runTokenList(
  context: CommandContext,
  userName: string | undefined,
): Promise<void> {
  const tokens = await withCatalog(context.config.data, async (catalog) => {
    const users =
      userName === undefined ? await listUsers(catalog) : [await userNamed(catalog, userName)];
    const names = new Map(users.map((user) => [user.id, user.name]));
    const records = await listTokens(catalog, userName === undefined ? undefined : users[0]?.id);
    return records.map((token) => toTokenJson(token, names.get(token.userId) ?? "", context.nowMs));
  });
  if (context.isJson) {
    context.print(JSON.stringify(tokens));
    return;
  }
  const rows = tokens.map((token) => [
    token.id,
    token.user,
    token.scope,
    token.state,
    token.createdAt,
    token.expiresAt ?? "never",
    token.label,
  ]);
  for (const line of formatTable(
    ["ID", "USER", "SCOPE", "STATE", "CREATED", "EXPIRES", "LABEL"],
    rows,
  )) {
    context.print(line);
  }
}

/**
 * `token revoke ID`: revokes a token immediately, for a running server too. Revoking it twice is
 * not an error.
 */
export async function runTokenRevoke(context: CommandContext, id: string): Promise<void> {
  const token = await withCatalog(context.config.data, async (catalog) => {
    await revokeToken(catalog, id, context.nowMs);
    const found = await findTokenById(catalog, id);
    if (found === undefined) {
      throw new Fault(
        "not-found",
        `there is no token ${JSON.stringify(id)}; see \`token list\` for the ids`,
      );
    }
    return toTokenJson(found.token, found.user.name, context.nowMs);
  });
  context.print(
    context.isJson ? JSON.stringify(token) : `revoked token ${token.id} of ${token.user}`,
  );
}

async function userNamed(catalog: Catalog, name: string): Promise<UserRecord> {
  const user = await findUserByName(catalog, name);
  if (user === undefined) {
    throw new Fault(
      "not-found",
      `there is no user ${JSON.stringify(name)}; add it with \`user add\``,
    );
  }
  return user;
}

function toTokenJson(token: TokenRecord, user: string, nowMs: number): TokenJson {
  const { id, scope, label } = token;
  return {
    id,
    user,
    scope,
    label,
    state: stateOf(token, nowMs),
    createdAt: new Date(token.createdAtMs).toISOString(),
    expiresAt: toIso(token.expiresAtMs),
    revokedAt: toIso(token.revokedAtMs),
  };
}

function stateOf(token: TokenRecord, nowMs: number): TokenJson["state"] {
  if (token.revokedAtMs !== null) return "revoked";
  return token.expiresAtMs !== null && token.expiresAtMs <= nowMs ? "expired" : "active";
}

function toIso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
