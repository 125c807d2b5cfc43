/** Node's names of processor architectures that differ from Go's, which libraries use. */
const GO_NAMES: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  mipsel: "mipsle",
};

/**
 * The Go name of the machine's arch, from what Node calls it and its byte order. Node says `ppc64`
 * for both byte orders; an arch that Go names alike (`arm64`, `riscv64`, `s390x`, …) passes
 * unchanged.
 */
export function machineArch(nodeArch: string, endianness: "BE" | "LE"): string {
  if (nodeArch === "ppc64" && endianness === "LE") return "ppc64le";
  return GO_NAMES[nodeArch] ?? nodeArch;
}
