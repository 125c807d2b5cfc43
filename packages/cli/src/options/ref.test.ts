import { isRefError } from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

import { CliError } from "../errors/cli-error.js";
import { parsePullRef, parsePushRef, refLabel, tagged } from "./ref.js";

const HASH = `sha256.${"a".repeat(64)}`;

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("parsePullRef", () => {
  it.each([
    ["alpine", undefined, "alpine:latest"],
    ["library://alpine", undefined, "alpine:latest"],
    ["library://default/alpine:3.18", undefined, "default/alpine:3.18"],
    ["library://alice/images/alpine", undefined, "alice/images/alpine:latest"],
    ["library:///alice/images/alpine:1", undefined, "alice/images/alpine:1"],
    ["library:alice/images/alpine:1", undefined, "alice/images/alpine:1"],
    ["alice/images/alpine:1", undefined, "alice/images/alpine:1"],
    [`alice/images/alpine:${HASH}`, undefined, `alice/images/alpine:${HASH}`],
    ["library://host.example/a/b/c", "host.example", "a/b/c:latest"],
    ["library://host.example:8443/a/b/c:1", "host.example:8443", "a/b/c:1"],
    ["library://[::1]:8443/a/b/c:1", "[::1]:8443", "a/b/c:1"],
  ])("returns for %s host %s and %s", (text, host, asked) => {
    const ref = parsePullRef(text);
    expect(ref.host).toBe(host);
    expect(tagged(ref)).toBe(asked);
  });

  it("returns whether a tag was typed", () => {
    expect(parsePullRef("a/b/c").isTagged).toBe(false);
    expect(parsePullRef("a/b/c:latest").isTagged).toBe(true);
    expect(parsePullRef(`a/b/c:${HASH}`).isTagged).toBe(true);
  });

  it("rejects several tags", () => {
    expect(thrownBy(() => parsePullRef("a/b/c:1,2"))).toMatchObject({ code: "usage" });
  });

  it.each([
    "",
    "library://",
    "A/b/c",
    "a/b/c/d",
    "../../etc/passwd",
    "a/b/..",
    "a/b/c:",
    "a/b/c:1:2",
    "a/b/c?x=1",
    "a/b/c#x",
    "docker://alpine",
    "library://user@host/a/b/c",
    "library://host/a/b/c/d",
    "a/b/c:../x",
    "a/b/c\u0000",
    "a/b/с",
  ])("rejects %j", (text) => {
    expect(isRefError(thrownBy(() => parsePullRef(text)))).toBe(true);
  });
});

describe("parsePushRef", () => {
  it.each([
    ["a/b/c", ["latest"]],
    ["library://a/b/c:1,2", ["1", "2"]],
    ["library://host/a/b/c:1", ["1"]],
  ])("returns for %s the tags %j", (text, tags) => {
    expect(parsePushRef(text).tags).toEqual(tags);
  });

  it.each(["alpine", "b/c:1", `a/b/c:${HASH}`])("rejects %s", (text) => {
    expect(thrownBy(() => parsePushRef(text))).toBeInstanceOf(CliError);
  });
});

describe("refLabel", () => {
  it("returns the ref with all names", () => {
    expect(refLabel(parsePullRef("alpine"))).toBe("library://library/default/alpine:latest");
    expect(refLabel(parsePullRef("library://h/a/b/c:1"))).toBe("library://h/a/b/c:1");
  });
});
