import { isRefPart } from "./names.js";

/** Every arch that the SIF format has a code for, by its Go name (sylabs/sif, `arch.go`). */
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
 * Whether `text` can stand for an arch in a request: written like a name, of at most {@link MAX_ARCH_LENGTH}
 * characters. Clients pass their users' `--arch` on unchanged, so this is wider than {@link isKnownArch}; only
 * `unknown` is refused, which SIF tools print for an image that states no arch.
 */
export function isArch(text: string): boolean {
  return text.length <= MAX_ARCH_LENGTH && isRefPart(text) && text !== "unknown";
}

/** Whether `text` is one of {@link ARCHES}. */
export function isKnownArch(text: string): text is Arch {
  return ARCHES.some((arch) => arch === text);
}
