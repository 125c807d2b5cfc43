/** First API version with uploads by URL, whole or in parts. */
export const API_VERSION_V2_UPLOAD = "2.0.0-alpha.1";

/** First API version with tags by arch. */
export const API_VERSION_V2_ARCH_TAGS = "2.0.0-alpha.2";

const NUMERIC = "0|[1-9][0-9]*";
const PRERELEASE_PART = `(?:${NUMERIC}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)`;
// The grammar of semver.org, version 2.0.0.
const SEMVER = new RegExp(
  `^(${NUMERIC})\\.(${NUMERIC})\\.(${NUMERIC})` +
    `(?:-(${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*))?` +
    `(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);
const MAX_VERSION_LENGTH = 256;

interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
}

/**
 * Whether `apiVersion` is at least `required` by semver precedence. Anything that is not strict
 * semver (a leading `v`, for example) counts as older than every version, as in the Go client.
 */
export function isApiVersionAtLeast(apiVersion: string, required: string): boolean {
  const actual = parseVersion(apiVersion);
  const wanted = parseVersion(required);
  return actual !== undefined && wanted !== undefined && compareVersions(actual, wanted) >= 0;
}

function parseVersion(text: string): Version | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const match = SEMVER.exec(text);
  if (match === null) return undefined;
  const [, major = "", minor = "", patch = "", prerelease] = match;
  return {
    numbers: [major, minor, patch].map((part) => BigInt(part)),
    prerelease: prerelease?.split(".") ?? [],
  };
}

function compareVersions(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  // A version without a prerelease is newer than all its prereleases.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return b.prerelease.length - a.prerelease.length;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part !== other) return comparePrereleaseParts(part, other);
  }
  return a.length - b.length;
}

function comparePrereleaseParts(a: string, b: string): number {
  const aIsNumber = /^[0-9]+$/.test(a);
  const bIsNumber = /^[0-9]+$/.test(b);
  if (aIsNumber && bIsNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
