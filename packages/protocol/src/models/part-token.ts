/**
 * Header of a request that sends a part of an upload whose SHA-256 was not announced, an extension.
 * With the value {@link CRC32_PART_SUM} the library replies with an ETag of {@link crc32PartToken},
 * which the sender compares.
 */
export const PART_SUM_HEADER = "x-sifshelf-part-sum";

/** The CRC-32 of zlib and of RFC 1952. */
export const CRC32_PART_SUM = "crc32";

const CRC32_PREFIX = "crc32-";

/** The ETag, without quotes, of a part with this CRC-32. */
export function crc32PartToken(crc32Hex: string): string {
  return CRC32_PREFIX + crc32Hex;
}

/** Whether an ETag, without quotes, is one of {@link crc32PartToken}. */
export function isCrc32PartToken(etag: string): boolean {
  return etag.startsWith(CRC32_PREFIX);
}

/** An ETag without its quotes and without the `W/` prefix that proxies add. */
export function bareEtag(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
