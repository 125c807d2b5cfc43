import type { Image } from "@sifshelf/protocol";

/** An image in JSON output. Values that the library does not know are `null`. */
export interface ImageJson {
  /** Id assigned by the library. */
  readonly id: string;
  /** Image hash, `sha256.<hex>` of the file. */
  readonly hash: string;
  readonly arch: string | null;
  readonly sizeBytes: number;
  readonly tags: readonly string[];
  readonly description: string;
  /** Whether it has signatures; says nothing about whether they are valid. */
  readonly signed: boolean | null;
  readonly encrypted: boolean | null;
  /** Fingerprints that its signatures claim. */
  readonly fingerprints: readonly string[];
  /** Creation time of the record, RFC 3339. */
  readonly createdAt: string;
  /** Whether the library has the bytes. */
  readonly uploaded: boolean;
}

/** The JSON of a library's image record. */
export function imageJson(image: Image): ImageJson {
  return {
    id: image.id,
    hash: image.hash,
    arch: image.arch ?? null,
    sizeBytes: image.size,
    tags: image.tags ?? [],
    description: image.description,
    signed: image.signed ?? null,
    encrypted: image.encrypted ?? null,
    fingerprints: image.fingerprints ?? [],
    createdAt: image.createdAt,
    uploaded: image.uploaded,
  };
}
