import { decodeText } from "../bytes/text.js";

// The file stores two ASCII digits; programs use Go's architecture names.
const NAMES_BY_CODE: ReadonlyMap<string, string> = new Map([
  ["01", "386"],
  ["02", "amd64"],
  ["03", "arm"],
  ["04", "arm64"],
  ["05", "ppc64"],
  ["06", "ppc64le"],
  ["07", "mips"],
  ["08", "mipsle"],
  ["09", "mips64"],
  ["10", "mips64le"],
  ["11", "s390x"],
  ["12", "riscv64"],
  ["13", "loong64"],
]);

const CODES_BY_NAME: ReadonlyMap<string, string> = new Map(
  [...NAMES_BY_CODE].map(([code, name]) => [name, code]),
);

/** The name for an absent or unassigned architecture, as the reference tool prints it. */
export const UNKNOWN_ARCH = "unknown";

/** Every architecture that the format can name, in Go's spelling. */
export const SIF_ARCHES: readonly string[] = [...NAMES_BY_CODE.values()];

/** Returns Go's name for a 3-byte architecture code, or `unknown` for any other bytes. */
export function archFromCode(code: Uint8Array): string {
  const text = decodeText(code);
  if (text.length !== 3 || !text.endsWith("\0")) return UNKNOWN_ARCH;
  return NAMES_BY_CODE.get(text.slice(0, 2)) ?? UNKNOWN_ARCH;
}

/**
 * Returns the 3-byte code of an architecture given by Go's name, or `null` if the format has none.
 */
export function archToCode(name: string): Uint8Array | null {
  const digits = CODES_BY_NAME.get(name);
  return digits === undefined ? null : new TextEncoder().encode(`${digits}\0`);
}
