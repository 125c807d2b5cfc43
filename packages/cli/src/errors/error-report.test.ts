import { LibraryError } from "@sifshelf/client";
import { parseLibraryRef, WireError } from "@sifshelf/protocol";
import { ByteSourceError, SifFormatError } from "@sifshelf/sif";
import { describe, expect, it } from "vitest";

import { CliError } from "./cli-error.js";
import { LIBRARY_EXIT_CODES, reportError } from "./error-report.js";

function refError(): unknown {
  try {
    return parseLibraryRef("docker://x");
  } catch (error) {
    return error;
  }
}

const systemError = (code: string) => Object.assign(new Error(`${code}: failed`), { code });

describe("reportError", () => {
  it.each<[string, unknown, number, string]>([
    ["a fault of the input", new CliError("usage", "x"), 2, "usage"],
    ["a ref", refError(), 2, "ref-scheme-not-valid"],
    ["a missing image", new LibraryError("not-found", "x"), 3, "not-found"],
    ["a missing file", systemError("ENOENT"), 3, "file-not-found"],
    ["a refused token", new LibraryError("unauthorized", "x"), 4, "unauthorized"],
    ["a network fault", new LibraryError("network", "x"), 5, "network"],
    ["wrong bytes", new LibraryError("integrity", "x"), 6, "integrity"],
    [
      "no SIF image",
      new SifFormatError({ code: "sif-bad-magic", field: "magic", offset: 32, found: "x" }),
      6,
      "sif-bad-magic",
    ],
    ["a full disk", systemError("ENOSPC"), 7, "no-space"],
    ["a full quota", new LibraryError("storage-full", "x"), 7, "storage-full"],
    ["a taken name", new LibraryError("file-exists", "x"), 8, "file-exists"],
    ["a truncated source", new ByteSourceError("source-short-read", "x"), 8, "source-short-read"],
    ["some tags", new LibraryError("network", "x", { tagsSet: ["a"] }), 9, "network"],
    ["another system fault", systemError("EACCES"), 1, "file-system"],
    ["a reply of another shape", new WireError("x", "", "x"), 1, "wire-format"],
    ["a bug", new TypeError("x"), 1, "internal"],
    ["no error", "text", 1, "internal"],
  ])("returns for %s the exit code and the code", (_, error, exitCode, code) => {
    expect(reportError(error)).toMatchObject({ exitCode, code });
  });

  it.each([
    ["file-not-readable", "ENOENT", 3],
    ["file-not-writable", "EDQUOT", 7],
    ["file-not-writable", "EACCES", 1],
  ] as const)("returns for %s because of %s %d", (code, cause, exitCode) => {
    const error = new LibraryError(code, "x", { cause: systemError(cause) });
    expect(reportError(error)).toMatchObject({ code, exitCode });
  });

  it("returns what the library said", () => {
    const details = { status: 403, serverMessage: "no", requestId: "r1" };
    expect(reportError(new LibraryError("forbidden", "x", details))).toMatchObject({
      ...details,
      next: expect.any(String),
    });
  });

  it("returns a message without what the library said, which is apart", () => {
    const where = { method: "GET", url: "https://lib.example/v1/images/a/b/c:1?***" };
    const details = { status: 404, serverMessage: "said by the library", ...where };
    const { message } = reportError(new LibraryError("not-found", "all of it", details));
    expect(message).toContain("(GET https://lib.example/v1/images/a/b/c:1)");
    expect(message).not.toContain("said by the library");
  });

  it("never returns 0", () => {
    expect(Object.values(LIBRARY_EXIT_CODES)).not.toContain(0);
  });
});
