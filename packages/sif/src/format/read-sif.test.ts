import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ByteSource, memoryByteSource } from "../bytes/byte-source.js";
import { isSifFormatError, SifFormatError, type SifFormatErrorCode } from "./format-error.js";
import { MAX_DESCRIPTORS } from "./header.js";
import { readSif } from "./read-sif.js";
import { handMadeSif, RECORD, record, TABLE } from "../../testing/hand-made-sif.js";

type Edit = (view: DataView, bytes: Uint8Array) => void;

async function codeOf(bytes: Uint8Array): Promise<SifFormatErrorCode | "ok"> {
  try {
    await readSif(memoryByteSource(bytes));
    return "ok";
  } catch (error) {
    if (isSifFormatError(error)) return error.code;
    throw error;
  }
}

function edited(edit: Edit): Uint8Array {
  const bytes = handMadeSif();
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
}

const i64 =
  (offset: number, value: bigint): Edit =>
  (view) =>
    view.setBigInt64(offset, value, true);
const u32 =
  (offset: number, value: number): Edit =>
  (view) =>
    view.setUint32(offset, value, true);
const both =
  (...edits: Edit[]): Edit =>
  (view, bytes) =>
    edits.forEach((edit) => edit(view, bytes));

const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);

describe("readSif", () => {
  describe("when the image is valid", () => {
    it("returns header, descriptors and typed metadata", async () => {
      const image = await readSif(memoryByteSource(handMadeSif()));
      expect(image.header).toMatchObject({
        launchScript: "#!/usr/bin/env run-singularity\n",
        version: "01",
        arch: "amd64",
        id: "00010203-0405-0607-0809-0a0b0c0d0e0f",
        createdAt: 1n,
        modifiedAt: 2n,
        descriptorsFree: 1,
        descriptorsTotal: 4,
      });
      expect(image.descriptors).toMatchObject([
        { id: 1, typeName: "Def.FILE", group: 1, link: null, name: "recipe", index: 0 },
        {
          id: 2,
          typeName: "FS",
          metadata: {
            kind: "partition",
            fsTypeName: "Squashfs",
            partTypeName: "*System",
            arch: "amd64",
          },
        },
        {
          id: 4,
          index: 3,
          typeName: "Signature",
          group: null,
          link: { kind: "group", id: 1 },
          metadata: { kind: "signature", hashTypeName: "SHA-256", fingerprint: "ab".repeat(20) },
        },
      ]);
      expect(image.warnings).toEqual([]);
    });

    it("reads the header and the descriptor table only", async () => {
      const inner = memoryByteSource(handMadeSif());
      const reads: [number, number][] = [];
      const source: ByteSource = {
        size: inner.size,
        read(offset, length, options) {
          reads.push([offset, length]);
          return inner.read(offset, length, options);
        },
      };
      await readSif(source);
      expect(reads).toEqual([
        [0, 128],
        [TABLE, 4 * RECORD],
      ]);
    });

    it("returns an image that later changes of the memory do not reach", async () => {
      const bytes = handMadeSif();
      const image = await readSif(memoryByteSource(bytes));
      bytes.fill(0xff);
      expect(image.descriptors[0]?.raw[0]).toBe(0x01);
      expect(image.header.raw[32]).toBe(0x53);
    });
  });

  describe("when the signal is aborted", () => {
    it("rejects with the signal's reason", async () => {
      const reason = new Error("stopped");
      const reading = readSif(memoryByteSource(handMadeSif()), {
        signal: AbortSignal.abort(reason),
      });
      await expect(reading).rejects.toBe(reason);
    });
  });

  describe("when a check fails", () => {
    const cases: [string, SifFormatErrorCode, Edit][] = [
      ["a wrong magic", "sif-bad-magic", (_, bytes) => bytes.fill(0x58, 32, 33)],
      ["a magic without its NUL", "sif-bad-magic", (_, bytes) => bytes.fill(0x20, 41, 42)],
      ["another version", "sif-bad-version", (_, bytes) => bytes.fill(0x32, 43, 44)],
      ["a negative record count", "sif-descriptor-count", i64(88, -1n)],
      ["a huge record count", "sif-descriptor-count", i64(88, MAX_I64)],
      ["a record count over the cap", "sif-descriptor-count", i64(88, BigInt(MAX_DESCRIPTORS + 1))],
      ["a negative free count", "sif-free-count", i64(80, -1n)],
      ["more free records than records", "sif-free-count", i64(80, 5n)],
      ["a free count that was not counted", "sif-free-count", i64(80, 2n)],
      ["a table size too small", "sif-table-range", i64(104, BigInt(4 * RECORD - 1))],
      ["a negative table size", "sif-table-range", i64(104, MIN_I64)],
      ["a table inside the header", "sif-table-range", i64(96, 127n)],
      ["a negative table offset", "sif-table-range", i64(96, -1n)],
      ["a table beyond the file", "sif-table-range", i64(96, MAX_I64)],
      ["data inside the table", "sif-data-range", i64(112, BigInt(TABLE + 4 * RECORD - 1))],
      ["a negative data offset", "sif-data-range", i64(112, MIN_I64)],
      ["a negative data size", "sif-data-range", i64(120, -1n)],
      ["an overflowing data size", "sif-data-range", i64(120, MAX_I64)],
      ["an object before the data", "sif-object-range", i64(record(0) + 17, 4096n)],
      ["an object at a negative offset", "sif-object-range", i64(record(0) + 17, MIN_I64)],
      ["an object after the file", "sif-object-range", i64(record(0) + 17, MAX_I64)],
      ["a negative object size", "sif-object-range", i64(record(0) + 25, -1n)],
      ["a huge object size", "sif-object-range", i64(record(0) + 25, MAX_I64)],
      ["an object longer than the file", "sif-object-range", i64(record(1) + 25, 4097n)],
      [
        "objects that overlap",
        "sif-object-overlap",
        (view) => {
          const first = view.getBigInt64(record(0) + 17, true);
          view.setBigInt64(record(1) + 17, first + 3n, true);
        },
      ],
      ["an object id of 0", "sif-object-id", u32(record(0) + 5, 0)],
      ["an object id in the group range", "sif-object-id", u32(record(0) + 5, 0x1000_0000)],
      ["two objects with one id", "sif-object-id-duplicate", u32(record(0) + 5, 2)],
      ["group bits without the mask", "sif-group-id", u32(record(0) + 9, 0x7000_0001)],
      ["link bits that are neither", "sif-link-id", u32(record(0) + 13, 0x8000_0001)],
      [
        "two primary partitions",
        "sif-primary-duplicate",
        both(u32(record(0), 0x4004), u32(record(0) + 205, 2)),
      ],
      [
        "two OCI root indexes",
        "sif-root-index-duplicate",
        both(u32(record(0), 0x400a), u32(record(1), 0x400a)),
      ],
    ];

    it.each(cases)("rejects %s with %s", async (_name, code, edit) => {
      expect(await codeOf(edited(edit))).toBe(code);
    });

    it.each([0, 1, 127])("rejects a file of %i bytes", async (length) => {
      expect(await codeOf(handMadeSif().subarray(0, length))).toBe("sif-too-short");
    });

    it("rejects a file that ends inside the table", async () => {
      expect(await codeOf(handMadeSif().subarray(0, TABLE + 3 * RECORD))).toBe("sif-table-range");
    });

    it("says which field at which offset is at fault", async () => {
      const reading = readSif(memoryByteSource(edited(i64(record(1) + 25, -1n))));
      await expect(reading).rejects.toMatchObject({
        name: "SifFormatError",
        field: "descriptors[1].size",
        offset: record(1) + 25,
      });
    });
  });

  describe("when a fact is odd but legal", () => {
    const cases: [string, string, Edit][] = [
      ["a padded size below the size", "padding", i64(record(0) + 33, -5n)],
      [
        "a used flag other than 1",
        "used-flag",
        (_, bytes) => bytes.fill(7, record(0) + 4, record(0) + 5),
      ],
      ["an unknown data type", "unknown-data-type", u32(record(0), 0xffff_ffff)],
      ["a link to nothing", "dangling-link", u32(record(0) + 13, 99)],
      ["an id unlike its index", "id-not-index", u32(record(0) + 5, 99)],
      ["another arch in the header", "arch-mismatch", (_, bytes) => bytes.fill(0x34, 46, 47)],
      [
        "a partition without arch",
        "unknown-arch",
        (_, bytes) => bytes.fill(0x39, record(1) + 209, record(1) + 210),
      ],
      ["an unsupported hash type", "hash-type", u32(record(3) + 201, 0)],
      ["a malformed OCI digest", "oci-digest", u32(record(0), 0x400b)],
      ["an index beside a primary", "index-and-primary", u32(record(0), 0x400a)],
    ];

    it.each(cases)("accepts %s with a warning", async (_name, code, edit) => {
      const image = await readSif(memoryByteSource(edited(edit)));
      expect(image.warnings.map((warning) => warning.code)).toContain(code);
    });

    it("accepts a table that claims to be larger, trailing bytes and garbage in free records", async () => {
      const bytes = edited(i64(104, 1_000_000n)).slice();
      bytes.fill(0xff, record(2) + 5, record(2) + RECORD);
      const longer = new Uint8Array(bytes.length + 10);
      longer.set(bytes);
      expect(await codeOf(longer)).toBe("ok");
    });

    it("accepts objects of size 0 wherever they are", async () => {
      const bytes = edited(
        both(i64(record(0) + 25, 0n), i64(record(0) + 17, BigInt(handMadeSif().length))),
      );
      expect(await codeOf(bytes)).toBe("ok");
    });

    it("accepts an image without records that ends after its header", async () => {
      const bytes = edited(
        both(i64(80, 0n), i64(88, 0n), i64(104, 0n), i64(112, 4096n), i64(120, 0n)),
      );
      expect(await codeOf(bytes.subarray(0, 128))).toBe("ok");
    });

    it("cuts the launch script at its first NUL", async () => {
      const image = await readSif(memoryByteSource(edited((_, bytes) => bytes.fill(0, 3, 4))));
      expect(image.header.launchScript).toBe("#!/");
    });
  });

  describe("when bytes are mutated at random", () => {
    const interesting = fc.constantFrom(
      0n,
      1n,
      -1n,
      127n,
      4096n,
      2n ** 31n,
      2n ** 53n,
      MAX_I64,
      MIN_I64,
    );
    const offsets = fc.oneof(
      fc.integer({ min: 32, max: 120 }),
      fc.integer({ min: TABLE, max: TABLE + 4 * RECORD - 8 }),
    );
    const mutation = fc.record({
      offset: offsets,
      value: fc.oneof(interesting, fc.bigInt({ min: MIN_I64, max: MAX_I64 })),
      bytes: fc.integer({ min: 1, max: 8 }),
    });

    it("returns an image inside its bounds or throws a SifFormatError", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), async (mutations) => {
          const bytes = handMadeSif();
          for (const { offset, value, bytes: width } of mutations) {
            const patch = new DataView(new ArrayBuffer(8));
            patch.setBigInt64(0, value, true);
            bytes.set(new Uint8Array(patch.buffer, 0, width), offset);
          }
          expect(await verdictOf(bytes)).toMatch(/^(sound|rejected)$/);
        }),
        { numRuns: 3000 },
      );
    });

    it("returns an image or throws a SifFormatError for any header", async () => {
      const header = fc.uint8Array({ minLength: 88, maxLength: 88 });
      await fc.assert(
        fc.asyncProperty(header, fc.nat(9000), async (tail, length) => {
          const bytes = new Uint8Array(128 + length);
          bytes.set(handMadeSif().subarray(0, 48));
          bytes.set(tail.subarray(0, 80), 48);
          expect(await verdictOf(bytes)).toMatch(/^(sound|rejected)$/);
        }),
        { numRuns: 500 },
      );
    });
  });
});

/** Reads an image and says what came of it; any failure but a refusal is thrown on. */
async function verdictOf(bytes: Uint8Array): Promise<"sound" | "out of bounds" | "rejected"> {
  const inner = memoryByteSource(bytes);
  const source: ByteSource = {
    size: inner.size,
    read(offset, length, options) {
      if (length > bytes.length) throw new Error(`asked for ${length} bytes`);
      return inner.read(offset, length, options);
    },
  };
  try {
    const { header, descriptors } = await readSif(source);
    const isInside = descriptors.every(
      ({ offset, size }) => offset >= header.dataOffset && offset + size <= bytes.length,
    );
    return isInside ? "sound" : "out of bounds";
  } catch (error) {
    if (error instanceof SifFormatError) return "rejected";
    throw error;
  }
}
