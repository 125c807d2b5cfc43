import type { ReadOptions } from "../bytes/byte-source.js";
import { DESCRIPTOR_BYTES } from "../format/descriptor.js";
import { HEADER_BYTES, HeaderOffset } from "../format/header.js";
import { MAX_DESCRIPTORS } from "../format/header.js";
import { readSif, type SifImage } from "../format/read-sif.js";
import { NIL_UUID, parseUuid, randomUuid } from "../format/uuid.js";
import { bytesOf, type ImageDraft, NO_ARCH, setNumber, writeDraft } from "./image-draft.js";
import { placeObject, type SifObjectInput } from "./place-object.js";
import type { SifStore } from "./sif-store.js";
import { SifWriteError } from "./write-error.js";
import { sifTimeFrom } from "./image-draft.js";

/** Options of {@link createSif}. */
export interface CreateSifOptions extends ReadOptions {
  /** The objects, in this order. */
  readonly objects?: readonly SifObjectInput[];
  /** Text at the start of the file, at most 31 bytes. Default none. */
  readonly launchScript?: string;
  /** UUID of the image; `null` for none. Default: random. */
  readonly id?: string | null;
  /** Time of the image and its objects; `null` for none. Default: now. */
  readonly time?: Date | null;
  /** Store neither UUID nor times, so the same input gives the same bytes. Default `false`. */
  readonly deterministic?: boolean;
  /** Number of descriptor records: the most objects that the image can ever have. Default 48. */
  readonly capacity?: number;
}

/** The capacity that all builders use. */
export const DEFAULT_CAPACITY = 48;

const TABLE_OFFSET = 4096;
const LAUNCH_SCRIPT_BYTES = 31;

/**
 * Writes a new image into an empty store. The reference implementation writes the same bytes from
 * the same input. After an error the store's content is undefined.
 *
 * @throws {SifWriteError}
 */
export async function createSif(
  store: SifStore,
  options: CreateSifOptions = {},
): Promise<SifImage> {
  if (store.size > 0) throw new SifWriteError("store-not-empty", "the store is not empty");
  const { id, time } = resolveIdentity(options);
  const draft = emptyDraft(options, id, time);
  for (const object of options.objects ?? []) {
    await placeObject(store, draft, object, { time, signal: options.signal });
  }
  await writeDraft(store, draft);
  return readSif(store, { signal: options.signal });
}

function resolveIdentity(options: CreateSifOptions): { id: string; time: bigint } {
  const { deterministic = false, id, time } = options;
  if (!deterministic) {
    return {
      id: id === undefined ? randomUuid() : (id ?? NIL_UUID),
      time: sifTimeFrom(time === undefined ? new Date() : time),
    };
  }
  if ((id ?? null) !== null || (time ?? null) !== null) {
    const found =
      "a deterministic image has neither id nor time; to set only the time, pass id: null instead of deterministic";
    throw new SifWriteError("contradictory-options", found);
  }
  return { id: NIL_UUID, time: sifTimeFrom(null) };
}

function emptyDraft(options: CreateSifOptions, id: string, time: bigint): ImageDraft {
  const capacity = options.capacity ?? DEFAULT_CAPACITY;
  if (!Number.isInteger(capacity) || capacity < 0 || capacity > MAX_DESCRIPTORS) {
    const found = `a capacity of ${capacity} is not from 0 to ${MAX_DESCRIPTORS}`;
    throw new SifWriteError("capacity-unsupported", found);
  }
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const tableBytes = capacity * DESCRIPTOR_BYTES;
  bytesOf(header).set(encodeLaunchScript(options.launchScript ?? ""));
  bytesOf(header).set(new TextEncoder().encode("SIF_MAGIC\x0001\0"), HeaderOffset.magic);
  bytesOf(header).set(NO_ARCH, HeaderOffset.arch);
  bytesOf(header).set(requireUuid(id), HeaderOffset.id);
  setNumber(header, HeaderOffset.createdAt, time);
  setNumber(header, HeaderOffset.modifiedAt, time);
  setNumber(header, HeaderOffset.descriptorsFree, capacity);
  setNumber(header, HeaderOffset.descriptorsTotal, capacity);
  setNumber(header, HeaderOffset.descriptorsOffset, TABLE_OFFSET);
  setNumber(header, HeaderOffset.descriptorsSize, tableBytes);
  setNumber(header, HeaderOffset.dataOffset, TABLE_OFFSET + tableBytes);
  return { header, table: new Uint8Array(tableBytes) };
}

function encodeLaunchScript(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= LAUNCH_SCRIPT_BYTES) return bytes;
  throw new SifWriteError(
    "launch-script-too-long",
    `the launch script has ${bytes.length} bytes; at most ${LAUNCH_SCRIPT_BYTES} are possible`,
  );
}

function requireUuid(id: string): Uint8Array {
  const bytes = parseUuid(id);
  if (bytes === null) throw new SifWriteError("bad-id", `${JSON.stringify(id)} is not a UUID`);
  return bytes;
}
