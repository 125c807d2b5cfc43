/** Node's names of processor architectures that differ from Go's. Libraries use Go's. */
const GO_NAMES: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  mipsel: "mipsle",
};

/**
 * The Go name of the machine's arch, from what Node calls it and its byte order. Node uses `ppc64`
 * for both byte orders. Names that are the same in Go (`arm64`, `riscv64`, `s390x`, …) are returned
 * unchanged.
 */
export function machineArch(nodeArch: string, endianness: "BE" | "LE"): string {
  if (nodeArch === "ppc64" && endianness === "LE") return "ppc64le";
  return GO_NAMES[nodeArch] ?? nodeArch;
}
