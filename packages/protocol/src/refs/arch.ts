import { isRefPart } from "./names.js";

/** All arches that the SIF format has a code for, by Go name (sylabs/sif, `arch.go`). */
export const ARCHES = [
  "386",
  "amd64",
  "arm",
  "arm64",
  "loong64",
  "mips",
  "mips64",
  "mips64le",
  "mipsle",
  "ppc64",
  "ppc64le",
  "riscv64",
  "s390x",
] as const;

/** Go name of an arch that the SIF format has a code for. */
export type Arch = (typeof ARCHES)[number];

/** Longest arch, in characters. */
export const MAX_ARCH_LENGTH = 32;

/**
 * Whether `text` is accepted as an arch in a request: the form of a name, at most {@link
 * MAX_ARCH_LENGTH} characters. Wider than {@link isKnownArch}, because clients pass `--arch` on
 * unchanged. Only `unknown` is rejected, which SIF tools print for an image that states no arch.
 */
export function isArch(text: string): boolean {
  return text.length <= MAX_ARCH_LENGTH && isRefPart(text) && text !== "unknown";
}

/** Whether `text` is one of {@link ARCHES}. */
export function isKnownArch(text: string): text is Arch {
  return ARCHES.some((arch) => arch === text);
}
