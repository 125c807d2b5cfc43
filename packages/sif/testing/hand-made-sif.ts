/** Where the descriptor table of {@link handMadeSif} starts. */
export const TABLE = 4096;
/** Size of one record. */
export const RECORD = 585;
/** Returns the file offset of a record. */
export const record = (index: number): number => TABLE + index * RECORD;

/**
 * Returns a valid image, written byte by byte for the reader's tests. It has four records, of which
 * the third is free, with a definition file, a primary partition and a signature that signs
 * nothing.
 */
export function handMadeSif(): Uint8Array<ArrayBuffer> {
  const data = TABLE + 4 * RECORD;
  const partition = 8192;
  const bytes = new Uint8Array(partition + 4096);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  const put = (at: number, fields: RecordFields) => {
    view.setInt32(at, fields.type, true);
    bytes[at + 4] = 1;
    view.setUint32(at + 5, fields.id, true);
    view.setUint32(at + 9, fields.group, true);
    view.setUint32(at + 13, fields.link ?? 0, true);
    view.setBigInt64(at + 17, BigInt(fields.offset), true);
    view.setBigInt64(at + 25, BigInt(fields.size), true);
    view.setBigInt64(at + 33, BigInt(fields.size), true);
  };
  text(0, "#!/usr/bin/env run-singularity\n");
  text(32, "SIF_MAGIC\0");
  text(42, "01\0");
  text(45, "02\0");
  bytes.set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 48);
  const header = [1, 2, 1, 4, TABLE, 4 * RECORD, data, bytes.length - data];
  header.forEach((value, index) => view.setBigInt64(64 + 8 * index, BigInt(value), true));
  put(record(0), { type: 0x4001, id: 1, group: 0xf000_0001, link: 0, offset: data, size: 10 });
  text(record(0) + 73, "recipe");
  put(record(1), {
    type: 0x4004,
    id: 2,
    group: 0xf000_0001,
    link: 0,
    offset: partition,
    size: 4096,
  });
  view.setInt32(record(1) + 201, 1, true);
  view.setInt32(record(1) + 205, 2, true);
  text(record(1) + 209, "02\0");
  put(record(3), {
    type: 0x4005,
    id: 4,
    group: 0xf000_0000,
    link: 0xf000_0001,
    offset: data + 10,
    size: 20,
  });
  view.setInt32(record(3) + 201, 1, true);
  bytes.fill(0xab, record(3) + 205, record(3) + 225);
  text(data, "recipe 123");
  return bytes;
}

interface RecordFields {
  readonly type: number;
  readonly id: number;
  readonly group: number;
  readonly link: number;
  readonly offset: number;
  readonly size: number;
}
