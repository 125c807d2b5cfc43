/**
 * Most descriptor records the reader accepts: 65 536, a table of 36.6 MiB.
 *
 * The format could number 2^32 records; images that exist have 48, or as many as they have objects.
 */
export const MAX_DESCRIPTORS = 65_536;

/**
 * Ids and group numbers are below 2^28, because the top four bits of the 32-bit fields tell
 * groups from objects.
 */
export const MAX_ID = 2 ** 28 - 1;

/** Largest definition file or JSON document that is loaded: 4 MiB. Real ones have kilobytes. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** Largest signature object that is loaded: 16 MiB, enough to cover the most objects accepted. */
export const MAX_SIGNATURE_BYTES = 16 * 1024 * 1024;

/** Most bytes of signature objects that one verification loads: 32 MiB. Real ones have kilobytes. */
export const MAX_SIGNATURES_BYTES = 32 * 1024 * 1024;

/** Most signature objects that one verification looks at. Real images have a handful. */
export const MAX_SIGNATURES = 256;
