import { digestOfImageHash, type Image, isImageHash, sha256HexOfDigest } from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";

/** What the bytes of an image have to be, according to the library's record. */
export interface ExpectedBytes {
  /** Names the image in errors. */
  readonly ref: string;
  /** 0 when the record does not say. */
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Returns what the record of an image promises.
 *
 * @throws LibraryError `protocol` when it promises nothing that can be verified; `integrity` when
 *   it is the record of another image than the requested hash.
 */
export function expectedBytes(image: Image, ref: string, tag: string): ExpectedBytes {
  const digest = isImageHash(image.hash) ? digestOfImageHash(image.hash) : undefined;
  if (digest === undefined) {
    throw new LibraryError(
      "protocol",
      `pull ${ref}: the library's record has no SHA-256, so its bytes could not be verified`,
    );
  }
  if (tag.startsWith("sha256.") && isImageHash(tag) && tag !== image.hash) {
    throw new LibraryError("integrity", `pull ${ref}: the library returned another image`, {
      expected: tag,
      actual: image.hash,
    });
  }
  return { ref, sizeBytes: image.size, sha256: sha256HexOfDigest(digest) };
}

/** @throws LibraryError `integrity` when what arrived has another hash. */
export function checkSha256({ ref, sha256 }: ExpectedBytes, actual: string): void {
  if (actual === sha256) return;
  throw new LibraryError(
    "integrity",
    `pull ${ref}: the bytes that arrived have the hash sha256.${actual}, but the library's record says sha256.${sha256}; try again, and ask the site's admin if it happens again`,
    { expected: `sha256.${sha256}`, actual: `sha256.${actual}` },
  );
}

/**
 * @throws LibraryError `integrity` when what arrived has another size. A size of 0 in the record
 *   matches any.
 */
export function checkSize({ ref, sizeBytes }: ExpectedBytes, actual: number): void {
  if (sizeBytes === 0 || actual === sizeBytes) return;
  throw new LibraryError(
    "integrity",
    `pull ${ref}: ${actual} bytes arrived, but the library's record says ${sizeBytes}; try again`,
    { expected: sizeBytes, actual },
  );
}
