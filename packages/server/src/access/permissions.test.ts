import { describe, expect, it } from "vitest";

import { canChange, canSee, requireChangeable, requireVisible } from "./permissions.js";
import { ANONYMOUS, type Principal, type Scope } from "./principal.js";

const user = (userId: string, scope: Scope, isAdmin = false): Principal => ({
  kind: "user",
  userId,
  userName: userId,
  isAdmin,
  scope,
  tokenId: "t",
});

const PUBLIC = { ownerId: "alice", isPrivate: false };
const PRIVATE = { ownerId: "alice", isPrivate: true };
const ENTITY = { ownerId: "alice" };

/** Who may see, and change, the public record, the private one and the entity. */
const EXPECTED: readonly (readonly [string, Principal, string, string])[] = [
  ["anonymous", ANONYMOUS, "yny", "nnn"],
  ["another user", user("bob", "write"), "yny", "nnn"],
  ["the owner", user("alice", "write"), "yyy", "yyy"],
  ["the owner with a token for reading", user("alice", "read"), "yyy", "nnn"],
  ["the owner with a token of scope admin", user("alice", "admin"), "yyy", "yyy"],
  ["an admin", user("root", "admin", true), "yyy", "yyy"],
  ["an admin with an ordinary token", user("root", "admin", false), "yny", "nnn"],
];

const letters = (may: (record: typeof PUBLIC) => boolean) =>
  [PUBLIC, PRIVATE, ENTITY as typeof PUBLIC].map((record) => (may(record) ? "y" : "n")).join("");

describe("permissions", () => {
  it.each(EXPECTED)("of %s", (_, principal, sees, changes) => {
    expect(letters((record) => canSee(principal, record))).toBe(sees);
    expect(letters((record) => canChange(principal, record))).toBe(changes);
  });
});

describe("requireVisible", () => {
  it("returns what may be seen, and rejects what is hidden like what is missing", () => {
    expect(requireVisible(ANONYMOUS, PUBLIC)).toBe(PUBLIC);
    const hidden = thrownBy(() => requireVisible(ANONYMOUS, PRIVATE));
    expect(hidden).toEqual(thrownBy(() => requireVisible(ANONYMOUS, undefined)));
    expect(hidden).toMatchObject({ name: "Fault", code: "not-found" });
  });
});

describe("requireChangeable", () => {
  it("returns what may be changed, rejects what may only be seen, and hides the rest", () => {
    expect(requireChangeable(user("alice", "write"), PRIVATE)).toBe(PRIVATE);
    const bob = user("bob", "write");
    expect(thrownBy(() => requireChangeable(bob, PUBLIC))).toMatchObject({ code: "forbidden" });
    expect(thrownBy(() => requireChangeable(bob, PRIVATE))).toMatchObject({ code: "not-found" });
    expect(thrownBy(() => requireChangeable(bob, undefined))).toMatchObject({ code: "not-found" });
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
