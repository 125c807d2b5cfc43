import type { ReadOptions } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import { DescriptorOffset, type SifDescriptor } from "../format/descriptor.js";
import { isDeterministic } from "../format/facts.js";
import { HeaderOffset } from "../format/header.js";
import { isPrimary } from "../format/image-checks.js";
import { SifPartType } from "../format/metadata.js";
import { DATA_CHUNK_BYTES } from "../bytes/read-chunks.js";
import { readSif, type SifImage } from "../format/read-sif.js";
import { NO_TIME } from "../format/header.js";
import { encodeMetadata, type SifMetadataInput } from "./encode-metadata.js";
import {
  addFreeRecords,
  bytesOf,
  draftOf,
  getNumber,
  type ImageDraft,
  recordAt,
  setHeaderArch,
  setNumber,
  usedDataBytes,
  writeDraft,
} from "./image-draft.js";
import { placeObject, type SifObjectInput } from "./place-object.js";
import type { SifStore } from "./sif-store.js";
import { SifWriteError } from "./write-error.js";
import { sifTimeFrom, type WriteTimeOptions } from "./image-draft.js";

/** Options of all edits. */
export interface EditSifOptions extends WriteTimeOptions, ReadOptions {}

/**
 * Adds an object after the last one, with the lowest free id, and returns the changed image.
 *
 * @throws {SifFormatError} if the store holds no valid image
 * @throws {SifWriteError} before anything is written
 */
export async function addObject(
  store: SifStore,
  input: SifObjectInput,
  options: EditSifOptions = {},
): Promise<SifImage> {
  return editImage(store, options, async (draft, _image, time) => {
    await placeObject(store, draft, input, { time, signal: options.signal });
  });
}

/** Options of {@link deleteObjects}. */
export interface DeleteObjectsOptions extends EditSifOptions {
  /** Overwrite the data with zeros. Default `false`: the data stays in the file. */
  readonly zero?: boolean;
  /** Truncate the file after the last remaining object. Default `false`. */
  readonly compact?: boolean;
}

/**
 * Deletes the objects that `select` picks, and returns the changed image. Signatures that cover
 * them stay, but no longer verify. Space between the remaining objects is not reclaimed.
 *
 * @throws {SifFormatError} if the store holds no valid image
 * @throws {SifWriteError} `object-not-found` if none was picked; nothing is written then
 */
export async function deleteObjects(
  store: SifStore,
  select: (descriptor: SifDescriptor) => boolean,
  options: DeleteObjectsOptions = {},
): Promise<SifImage> {
  return editImage(store, options, async (draft, image) => {
    const selected = image.descriptors.filter(select);
    if (selected.length === 0) {
      throw new SifWriteError("object-not-found", "there is no such object to delete");
    }
    for (const descriptor of selected) {
      if (options.zero === true) await writeZeros(store, descriptor);
      bytesOf(recordAt(draft.table, descriptor.index)).fill(0);
      if (isPrimary(descriptor)) setHeaderArch(draft, null);
    }
    addFreeRecords(draft, selected.length);
    if (options.compact === true) await compact(store, draft);
  });
}

/**
 * Makes a system partition the primary one. The previous primary becomes a system partition. Does
 * nothing if the partition is primary already. Signatures that cover either partition no longer
 * verify.
 *
 * @throws {SifFormatError} if the store holds no valid image
 * @throws {SifWriteError} `object-not-found`, `not-a-partition`, `not-a-system-partition`
 */
export async function setPrimaryPartition(
  store: SifStore,
  id: number,
  options: EditSifOptions = {},
): Promise<SifImage> {
  const image = await readSif(store, options);
  const target = requireObject(image, id);
  if (target.metadata.kind !== "partition") {
    throw new SifWriteError("not-a-partition", `object ${id} is not a partition`);
  }
  if (isPrimary(target)) return image;
  if (target.metadata.partType !== SifPartType.system) {
    throw new SifWriteError("not-a-system-partition", `object ${id} is not a system partition`);
  }
  return editImage(store, options, async (draft, { descriptors }, time) => {
    const setPartType = ({ index }: SifDescriptor, partType: number): void => {
      const record = recordAt(draft.table, index);
      record.setInt32(DescriptorOffset.extra + 4, partType, true);
      setNumber(record, DescriptorOffset.modifiedAt, time);
    };
    for (const previous of descriptors.filter(isPrimary)) {
      setPartType(previous, SifPartType.system);
    }
    setPartType(target, SifPartType.primary);
    setHeaderArch(draft, recordAt(draft.table, target.index));
  });
}

/**
 * Replaces the type-specific metadata of an object. Signatures that cover it no longer verify.
 *
 * @throws {SifFormatError} if the store holds no valid image
 * @throws {SifWriteError} `object-not-found`, `metadata-mismatch`, `metadata-too-long`,
 *   `unknown-arch`
 */
export async function setObjectMetadata(
  store: SifStore,
  id: number,
  metadata: SifMetadataInput | Uint8Array,
  options: EditSifOptions = {},
): Promise<SifImage> {
  return editImage(store, options, async (draft, image, time) => {
    const target = requireObject(image, id);
    const extra = encodeMetadata(target.dataType, metadata);
    requireSamePrimary(target, extra);
    const record = recordAt(draft.table, target.index);
    bytesOf(record).set(extra, DescriptorOffset.extra);
    setNumber(record, DescriptorOffset.modifiedAt, time);
    if (isPrimary(target)) setHeaderArch(draft, record);
  });
}

type Edit = (draft: ImageDraft, image: SifImage, time: bigint) => Promise<void>;

async function editImage(store: SifStore, options: EditSifOptions, edit: Edit): Promise<SifImage> {
  const { signal } = options;
  const image = await readSif(store, { signal });
  const time = editTime(image, options);
  const draft = draftOf(image);
  setNumber(draft.header, HeaderOffset.modifiedAt, time);
  await edit(draft, image, time);
  await writeDraft(store, draft);
  return readSif(store, { signal });
}

function editTime({ header }: SifImage, { time }: WriteTimeOptions): bigint {
  if (time !== undefined) return sifTimeFrom(time);
  return isDeterministic(header) ? NO_TIME : sifTimeFrom(new Date());
}

function requireObject({ descriptors }: SifImage, id: number): SifDescriptor {
  const found = descriptors.find((descriptor) => descriptor.id === id);
  if (found !== undefined) return found;
  throw new SifWriteError("object-not-found", `the image has no object ${id}`);
}

/** Only {@link setPrimaryPartition} changes roles: it keeps header and partitions consistent. */
function requireSamePrimary(target: SifDescriptor, extra: Uint8Array<ArrayBuffer>): void {
  if (target.dataType !== SifDataType.partition) return;
  const partType = new DataView(extra.buffer).getInt32(4, true);
  if ((partType === SifPartType.primary) === isPrimary(target)) return;
  const found = "metadata cannot change which partition is primary; use setPrimaryPartition";
  throw new SifWriteError("metadata-mismatch", found);
}

async function writeZeros(store: SifStore, { offset, size }: SifDescriptor): Promise<void> {
  const zeros = new Uint8Array(Math.min(size, DATA_CHUNK_BYTES));
  const end = offset + size;
  for (let at = offset; at < end; at += zeros.length) {
    await store.write(at, zeros.subarray(0, end - at));
  }
}

async function compact(store: SifStore, draft: ImageDraft): Promise<void> {
  const size = usedDataBytes(draft);
  setNumber(draft.header, HeaderOffset.dataSize, size);
  await store.truncate(getNumber(draft.header, HeaderOffset.dataOffset) + size);
}
