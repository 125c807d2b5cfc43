import { withHostileCharacters } from "./hostile-characters.cases.js";
import { BAD_NAMES } from "./name.cases.js";

export const GOOD_TAGS: readonly string[] = [
  "latest",
  "stable",
  "edge",
  "0",
  "1",
  "1.0",
  "1.0.0",
  "1.0.0-rc.1",
  "v1",
  "v1.2.3",
  "20240131",
  "2024-01-31",
  "22.04",
  "jammy-20240111",
  "a",
  "a_b",
  "a-b.c_d",
  "x86_64",
  "amd64",
  "cuda12.2-runtime",
  "sha256",
  "sif",
  "sha256.abc",
  "sif.1",
  // One off an image hash.
  `sha256.${"0".repeat(63)}`,
  `sha256.${"0".repeat(65)}`,
  `sha256.${"0".repeat(63)}g`,
  `sha512.${"0".repeat(64)}`,
  `sha256-${"0".repeat(64)}`,
  `xsha256.${"0".repeat(64)}`,
  "sif.01234567-89ab-cdef-0123-456789abcde",
  "sif-01234567-89ab-cdef-0123-456789abcdef",
  // The longest.
  "a".repeat(127),
  "a".repeat(128),
  "a-".repeat(63) + "ab",
];

export const BAD_TAGS: readonly string[] = [
  // Image hashes.
  `sha256.${"0".repeat(64)}`,
  `sha256.${"0123456789abcdef".repeat(4)}`,
  "sif.01234567-89ab-cdef-0123-456789abcdef",
  "sif.00000000-0000-0000-0000-000000000000",
  // Too long.
  "a".repeat(129),
  "a".repeat(255),
  "a".repeat(100_000),
  "a-".repeat(64) + "a",
  // Several tags.
  "a,b",
  "latest,stable",
  ",latest",
  "latest,",
  // With more of a ref.
  ":latest",
  "latest:",
  "a:latest",
  "Latest",
  "LATEST",
  "V1",
  "1.0+build",
  "1.0~rc1",
  "1.0/2",
  "feature/x",
  "../latest",
  // What is no name is no tag, except that no name is too long.
  ...BAD_NAMES,
  ...withHostileCharacters("latest"),
];
