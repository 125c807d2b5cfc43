import {
  dateFromSifTime,
  type SifDescriptor,
  type SifMetadata,
  type SifImage,
} from "@sifshelf/sif";

import { CliError } from "../errors/cli-error.js";

/** An object of an image in JSON output, from its descriptor. */
export interface SifObjectJson {
  readonly id: number;
  /** Display name of the data type, such as `FS`. */
  readonly type: string;
  /** The data type's number. */
  readonly dataType: number;
  /** `null` when the object is in no group. */
  readonly group: number | null;
  /** The object or group that it belongs to. */
  readonly link: { readonly kind: "object" | "group"; readonly id: number } | null;
  /** Where its data starts in the file, in bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Untrusted text; empty when unnamed. */
  readonly name: string;
  /** RFC 3339; `null` for none. */
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  /** Further data of the descriptor, by `kind`; `null` for types that have none. */
  readonly metadata: Exclude<SifMetadata, { kind: "none" }> | null;
}

/** The JSON of an object. */
export function sifObjectJson(descriptor: SifDescriptor): SifObjectJson {
  const { id, typeName, dataType, group, link, offset, size, name, metadata } = descriptor;
  return {
    id,
    type: typeName,
    dataType,
    group,
    link,
    offset,
    sizeBytes: size,
    name,
    createdAt: sifTimeJson(descriptor.createdAt),
    modifiedAt: sifTimeJson(descriptor.modifiedAt),
    metadata: metadata.kind === "none" ? null : metadata,
  };
}

/** A time of an image as RFC 3339; `null` if absent or not a valid time. */
export function sifTimeJson(seconds: bigint): string | null {
  return dateFromSifTime(seconds)?.toISOString().replace(".000Z", "Z") ?? null;
}

/**
 * Returns the object of an image with this id.
 *
 * @throws {CliError} `object-not-found`
 */
export function findObject({ descriptors }: SifImage, id: number): SifDescriptor {
  const found = descriptors.find((descriptor) => descriptor.id === id);
  if (found !== undefined) return found;
  throw new CliError("object-not-found", `the image has no object ${id}`, {
    next: '"sifshelf sif list" shows the objects',
  });
}
