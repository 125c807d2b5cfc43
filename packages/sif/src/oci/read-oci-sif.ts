import type { ReadOptions } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import type { SifDescriptor } from "../format/descriptor.js";
import { hashBytes } from "../bytes/hash-data.js";
import { MAX_DOCUMENT_BYTES } from "../format/object-data.js";
import { readSmallObject } from "../format/object-data.js";
import type { SifImage } from "../format/read-sif.js";
import { toHex } from "../bytes/text.js";
import {
  type OciDescriptor,
  type OciManifest,
  parseIndex,
  parseManifest,
} from "./oci-documents.js";
import { OciSifError } from "./oci-error.js";

/** An image manifest in an OCI-SIF. */
export interface OciSifImage extends OciManifest {
  /** The index's reference to the manifest. */
  readonly descriptor: OciDescriptor;
  /** The annotation `org.opencontainers.image.ref.name`, or `null` if there is none. */
  readonly refName: string | null;
  /** Whether it is not an image, but carries cosign signatures or attestations of one. */
  readonly isCosign: boolean;
}

/** The OCI content of an image: its root index and everything reachable from it. */
export interface OciSif {
  /** The object that holds the root index. */
  readonly rootIndex: SifDescriptor;
  /** All image manifests, in the order of the indexes. */
  readonly images: readonly OciSifImage[];
  /** Objects that hold blobs, by digest. Of identical blobs, the first counts. */
  readonly blobs: ReadonlyMap<string, SifDescriptor>;
}

/** The annotation that names an image in an index. */
const REF_NAME = "org.opencontainers.image.ref.name";

const INDEX_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);
const MANIFEST_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
]);

/** Deepest nesting of indexes that is followed. */
const MAX_DEPTH = 4;
/** Most indexes and manifests that are read. */
const MAX_DOCUMENTS = 4096;

/**
 * Reads the root index of an OCI-SIF and every index and manifest reachable from it, each checked
 * against the size and digest in the reference to it. Layers are not read; see `checkOciBlobs`.
 * References with other media types are not followed.
 *
 * @throws {OciSifError}
 * @throws what the source throws, and `signal.reason` after an abort
 */
export async function readOciSif(image: SifImage, options: ReadOptions = {}): Promise<OciSif> {
  const rootIndex = image.descriptors.find(({ dataType }) => dataType === SifDataType.ociRootIndex);
  if (rootIndex === undefined) {
    throw new OciSifError("oci-not-found", "the image has no OCI root index");
  }
  const blobs = blobsByDigest(image);
  const bytes = await readDocument(image, rootIndex, options);
  const session: OciSession = { image, blobs, options, documents: 0 };
  const images: OciSifImage[] = [];
  await collectImages(session, parseIndex(bytes), { depth: 1, images });
  return { rootIndex, images, blobs };
}

/**
 * Returns the object that holds a referenced blob.
 *
 * @throws {OciSifError} `oci-blob-missing`; `oci-blob-corrupt` if the sizes differ
 */
export function findOciBlob(
  { blobs }: Pick<OciSif, "blobs">,
  { digest, size }: Pick<OciDescriptor, "digest" | "size">,
): SifDescriptor {
  const blob = blobs.get(digest);
  if (blob === undefined) {
    throw new OciSifError("oci-blob-missing", `there is no blob ${digest}`);
  }
  if (blob.size === size) return blob;
  const found = `the blob ${digest} has ${blob.size} bytes, the reference to it says ${size}`;
  throw new OciSifError("oci-blob-corrupt", found);
}

/**
 * Returns the bytes of a small blob, checked against the reference to it.
 *
 * @throws {OciSifError} `oci-too-large`, `oci-blob-missing`, `oci-blob-corrupt`
 */
export async function readOciBlob(
  image: SifImage,
  blobs: OciSif["blobs"],
  reference: OciDescriptor,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const bytes = await readDocument(image, findOciBlob({ blobs }, reference), options);
  if (`sha256:${toHex(hashBytes("sha256", bytes))}` === reference.digest) return bytes;
  const found = `the blob ${reference.digest} has another digest`;
  throw new OciSifError("oci-blob-corrupt", found);
}

function blobsByDigest({ descriptors }: SifImage): Map<string, SifDescriptor> {
  const blobs = new Map<string, SifDescriptor>();
  for (const descriptor of descriptors) {
    const { dataType, metadata } = descriptor;
    if (dataType !== SifDataType.ociBlob || metadata.kind !== "oci") continue;
    if (metadata.digest !== null && !blobs.has(metadata.digest)) {
      blobs.set(metadata.digest, descriptor);
    }
  }
  return blobs;
}

async function readDocument(
  image: SifImage,
  descriptor: SifDescriptor,
  { signal }: ReadOptions,
): Promise<Uint8Array> {
  const maxBytes = MAX_DOCUMENT_BYTES;
  const bytes = await readSmallObject(image, descriptor, { signal, maxBytes });
  if (bytes !== null) return bytes;
  const found = `object ${descriptor.id} has more than ${maxBytes} bytes, the limit for indexes and manifests`;
  throw new OciSifError("oci-too-large", found);
}

interface OciSession {
  readonly image: SifImage;
  readonly blobs: OciSif["blobs"];
  readonly options: ReadOptions;
  /**
   * Number of indexes and manifests read so far. Those referenced twice are read and counted twice.
   */
  documents: number;
}

async function collectImages(
  session: OciSession,
  references: readonly OciDescriptor[],
  { depth, images }: { readonly depth: number; readonly images: OciSifImage[] },
): Promise<void> {
  for (const reference of references) {
    const isIndex = INDEX_TYPES.has(reference.mediaType);
    if (!isIndex && !MANIFEST_TYPES.has(reference.mediaType)) continue;
    session.documents += 1;
    if (session.documents > MAX_DOCUMENTS || depth > MAX_DEPTH) {
      throw new OciSifError(
        "oci-too-large",
        "indexes nest too deeply, or there are too many indexes and manifests",
      );
    }
    const bytes = await readOciBlob(session.image, session.blobs, reference, session.options);
    if (isIndex) await collectImages(session, parseIndex(bytes), { depth: depth + 1, images });
    else images.push(imageOf(reference, parseManifest(bytes)));
  }
}

function imageOf(descriptor: OciDescriptor, manifest: OciManifest): OciSifImage {
  const refName = descriptor.annotations[REF_NAME] ?? null;
  return { ...manifest, descriptor, refName, isCosign: refName?.startsWith("_cosign") === true };
}
