import { toHex } from "../bytes/text.js";

/** Formats 16 bytes as a lower-case UUID, first byte first (RFC 9562). */
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

/** The UUID of all zeros, which means none. Deterministic images have it. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

/** Returns the 16 bytes of a UUID, or `null` if the text is not one. */
export function parseUuid(text: string): Uint8Array | null {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return null;
  const hex = text.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

/**
 * Returns a random UUID (version 4) from the platform's secure generator: predictable ones were a
 * vulnerability (CVE-2021-29499).
 */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return formatUuid(bytes);
}
