import type { ByteSource, ReadOptions } from "../bytes/byte-source.js";
import {
  DESCRIPTOR_BYTES,
  type DescriptorBounds,
  isUsedRecord,
  parseDescriptor,
  type SifDescriptor,
} from "./descriptor.js";
import { SifFormatError } from "./format-error.js";
import { HEADER_BYTES, parseHeader, type SifHeader } from "./header.js";
import { checkImage } from "./image-checks.js";
import { collectWarnings, type SifWarning } from "./image-warnings.js";

/** An image whose header and descriptors passed every check. Its data is not read yet. */
export interface SifImage {
  /** The image's bytes. Data is read from here and nowhere else. */
  readonly source: ByteSource;
  readonly header: SifHeader;
  /** Its descriptors in use, in table order. */
  readonly descriptors: readonly SifDescriptor[];
  /** What is unusual but valid about the image. */
  readonly warnings: readonly SifWarning[];
  /** All records of the descriptor table as in the file, including free ones. */
  readonly table: Uint8Array;
}

/**
 * Reads and checks the header and the descriptor table of a SIF image. This takes two reads, of 128
 * bytes and of 585 bytes per record, whatever the size of the image. It is stricter with hostile
 * files than the reference implementation, which checks only magic and version.
 *
 * @throws {SifFormatError} if the bytes must not be used as an image
 * @throws what the source throws, and `signal.reason` after an abort
 */
export async function readSif(source: ByteSource, options: ReadOptions = {}): Promise<SifImage> {
  if (source.size < HEADER_BYTES) {
    throw new SifFormatError({
      code: "sif-too-short",
      field: "header",
      offset: 0,
      found: `the file has ${source.size} bytes, less than the ${HEADER_BYTES} of a header`,
    });
  }
  // Copied, so the image does not change when the caller reuses the memory behind the source.
  const header = parseHeader((await source.read(0, HEADER_BYTES, options)).slice(), source.size);
  const table = await readTable(source, header, options);
  const descriptors = parseTable(table, {
    tableOffset: header.descriptorsOffset,
    dataOffset: header.dataOffset,
    fileSize: source.size,
  });
  checkImage(header, descriptors);
  return { source, header, descriptors, warnings: collectWarnings(header, descriptors), table };
}

async function readTable(
  source: ByteSource,
  header: SifHeader,
  options: ReadOptions,
): Promise<Uint8Array> {
  const length = header.descriptorsTotal * DESCRIPTOR_BYTES;
  if (length === 0) return new Uint8Array();
  return (await source.read(header.descriptorsOffset, length, options)).slice();
}

function parseTable(table: Uint8Array, bounds: DescriptorBounds): SifDescriptor[] {
  const descriptors: SifDescriptor[] = [];
  for (let index = 0; index * DESCRIPTOR_BYTES < table.length; index += 1) {
    const start = index * DESCRIPTOR_BYTES;
    const record = table.subarray(start, start + DESCRIPTOR_BYTES);
    if (isUsedRecord(record)) descriptors.push(parseDescriptor(record, index, bounds));
  }
  return descriptors;
}
