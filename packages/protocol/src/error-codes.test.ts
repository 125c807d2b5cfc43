import { describe, expect, it } from "vitest";

import { ERROR_CODES, errorCodeOf, isErrorCode } from "./error-codes.js";

describe("errorCodeOf", () => {
  it.each([
    [400, "bad-request"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [409, "conflict"],
    [413, "too-large"],
    [429, "rate-limited"],
    [500, "internal"],
    [502, "internal"],
    [503, "unavailable"],
    [504, "internal"],
    [507, "storage-full"],
    [599, "internal"],
  ])("tells %i by the status alone", (status, code) => {
    expect(errorCodeOf(status)).toBe(code);
  });

  it("knows no code for other statuses", () => {
    expect([200, 303, 418, 600].map((status) => errorCodeOf(status))).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("is refined by a reason of the same status", () => {
    expect(errorCodeOf(422, "not-a-sif")).toBe("not-a-sif");
    expect(errorCodeOf(409, "upload-closed")).toBe("upload-closed");
  });

  it("does not believe a reason of another status", () => {
    expect(errorCodeOf(500, "not-found")).toBe("internal");
    expect(errorCodeOf(200, "not-found")).toBeUndefined();
  });

  it.each(["constructor", "__proto__", "toString", ""])(
    "does not take %j for a reason",
    (reason) => {
      expect(isErrorCode(reason)).toBe(false);
      expect(errorCodeOf(404, reason)).toBe("not-found");
    },
  );
});

describe("ERROR_CODES", () => {
  it("lists the general code of each status before those that refine it", () => {
    expect(errorCodeOf(400)).toBe("bad-request");
    expect(errorCodeOf(409)).toBe("conflict");
  });

  it("says what happened and what to do for each", () => {
    for (const { status, meaning, advice } of Object.values(ERROR_CODES)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(meaning).toMatch(/^[a-z].*[a-z]$/);
      expect(advice).toMatch(/^[a-z].*[a-z]$/);
    }
  });
});
