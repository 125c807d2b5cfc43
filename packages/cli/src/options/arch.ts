import { isArch } from "@sifshelf/protocol";

import { CliError } from "../errors/cli-error.js";

/** Other names of an arch, and its Go name. */
const ALIASES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  x64: "amd64",
  i386: "386",
  i686: "386",
  x86: "386",
  aarch64: "arm64",
  armhf: "arm",
  armv7l: "arm",
};

/**
 * The Go name of an arch; aliases such as `x86_64` and `aarch64` are accepted.
 *
 * @throws {CliError} `usage`
 */
export function parseArch(text: string): string {
  const arch = Object.hasOwn(ALIASES, text) ? ALIASES[text] : text;
  if (arch !== undefined && isArch(arch)) return arch;
  throw new CliError("usage", `"${text}" is not an arch`, {
    next: "use a Go name, for example amd64, arm64, ppc64le, riscv64 or s390x",
  });
}

/**
 * The arches of a comma-separated list, each once.
 *
 * @throws {CliError} `usage`
 */
export function parseArchList(text: string): string[] {
  return [...new Set(text.split(",").map((part) => parseArch(part.trim())))];
}
