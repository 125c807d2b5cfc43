/**
 * Why bytes were rejected as a SIF image. Each check of the reader has its own code.
 *
 * | code | what is wrong |
 * |---|---|
 * | `sif-too-short` | fewer than the 128 bytes of a header |
 * | `sif-bad-magic` | not a SIF file |
 * | `sif-bad-version` | a version other than `01` |
 * | `sif-descriptor-count` | negative, or more records than {@link MAX_DESCRIPTORS} |
 * | `sif-table-range` | the descriptor table is not inside the file, or its size is too small |
 * | `sif-free-count` | the header's number of free records does not match the table |
 * | `sif-data-range` | the data section overlaps the table, is negative, or overflows |
 * | `sif-object-range` | an object outside the data section or the file |
 * | `sif-object-overlap` | two objects share bytes |
 * | `sif-object-id` | an object id of 0 or of 2^28 and more |
 * | `sif-object-id-duplicate` | two objects with the same id |
 * | `sif-group-id` | group bits that are not of the form `0xFxxxxxxx` |
 * | `sif-link-id` | link bits that name neither an object nor a group |
 * | `sif-primary-duplicate` | more than one primary system partition |
 * | `sif-root-index-duplicate` | more than one OCI root index |
 */
export type SifFormatErrorCode =
  | "sif-too-short"
  | "sif-bad-magic"
  | "sif-bad-version"
  | "sif-descriptor-count"
  | "sif-table-range"
  | "sif-free-count"
  | "sif-data-range"
  | "sif-object-range"
  | "sif-object-overlap"
  | "sif-object-id"
  | "sif-object-id-duplicate"
  | "sif-group-id"
  | "sif-link-id"
  | "sif-primary-duplicate"
  | "sif-root-index-duplicate";

/** A fault, and where in the file it is. */
export interface SifFault {
  readonly code: SifFormatErrorCode;
  /**
   * The field at fault, for example `descriptorsTotal` or `descriptors[3].offset` (record index,
   * from 0).
   */
  readonly field: string;
  /** File offset of the field, in bytes. */
  readonly offset: number;
  /** What was found there, and what is allowed. */
  readonly found: string;
}

const BRAND = Symbol.for("@sifshelf/sif/SifFormatError");

/** Bytes that must not be used as a SIF image. Recognise it with {@link isSifFormatError}. */
export class SifFormatError extends Error {
  override readonly name = "SifFormatError";
  readonly code: SifFormatErrorCode;
  /**
   * The field at fault, for example `descriptorsTotal` or `descriptors[3].offset` (record index,
   * from 0).
   */
  readonly field: string;
  /** File offset of the field, in bytes. */
  readonly offset: number;

  constructor(fault: SifFault) {
    super(`cannot read image as SIF: ${fault.field} at byte ${fault.offset}: ${fault.found}`);
    this.code = fault.code;
    this.field = fault.field;
    this.offset = fault.offset;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Reports whether a value is a {@link SifFormatError}, including one from another copy of this
 * package.
 */
export function isSifFormatError(value: unknown): value is SifFormatError {
  return value instanceof Error && BRAND in value;
}
