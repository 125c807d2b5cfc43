import { toHex } from "./text.js";

/** Returns 16 bytes as a lower-case UUID text, first byte first (RFC 9562). */
export function formatUuid(bytes: Uint8Array): string {
  const hex = toHex(bytes);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** The UUID of all zeros: an image without identity, as deterministic ones are. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";
