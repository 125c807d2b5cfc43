import { describe, expect, it } from "vitest";

import {
  API_VERSION_V2_ARCH_TAGS,
  API_VERSION_V2_UPLOAD,
  isApiVersionAtLeast,
} from "./api-version.js";

/** Versions in ascending order of precedence; the prereleases are semver.org's own example. */
const ASCENDING = [
  "0.0.0",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.1",
  "1.2.0",
  "1.10.0",
  "2.0.0-alpha",
  API_VERSION_V2_UPLOAD,
  API_VERSION_V2_ARCH_TAGS,
  "2.0.0-alpha.10",
  "2.0.0-beta.1",
  "2.0.0",
  "18446744073709551616.0.0",
];

describe("isApiVersionAtLeast", () => {
  for (const [index, version] of ASCENDING.entries()) {
    it(`puts ${version} in its place`, () => {
      const older = ASCENDING.map((other) => isApiVersionAtLeast(version, other));
      expect(older).toEqual(ASCENDING.map((_, other) => other <= index));
    });
  }

  it("ignores build metadata", () => {
    expect(isApiVersionAtLeast("2.0.0-alpha.2+build.7", API_VERSION_V2_ARCH_TAGS)).toBe(true);
  });

  const notSemver = [
    "",
    "v2.0.0",
    "2",
    "2.0",
    "02.0.0",
    "2.0.0-",
    "2.0.0-01",
    "2.0.0-a..b",
    " 2.0.0",
    "2.0.0\n",
    "latest",
    "9".repeat(300),
  ];
  for (const text of notSemver) {
    it(`takes ${JSON.stringify(text.slice(0, 20))} for older than everything`, () => {
      expect(isApiVersionAtLeast(text, "0.0.0")).toBe(false);
    });
  }
});
