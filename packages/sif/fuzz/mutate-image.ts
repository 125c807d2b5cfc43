import { mutateBytes } from "./mutate-bytes.js";
import { pick, type Random } from "./random.js";

const TABLE = 4096;
const RECORD = 585;
/** Offsets and sizes of the numbers in header and records, in bytes. */
const HEADER_FIELDS = [64, 72, 80, 88, 96, 104, 112, 120] as const;
const RECORD_FIELDS = [
  [0, 4],
  [4, 1],
  [5, 4],
  [9, 4],
  [13, 4],
  [17, 8],
  [25, 8],
  [33, 8],
  [41, 8],
  [57, 8],
  [73, 1],
  [201, 4],
  [205, 4],
  [209, 1],
] as const;

/**
 * Returns one of the images, changed where it matters: in numbers of its header and records, often
 * slightly, and in its data; occasionally anywhere.
 */
export function mutateImage(images: readonly Uint8Array[], random: Random): Uint8Array {
  if (random(4) === 0) return mutateBytes(images, random);
  const bytes = pick(random, images).slice();
  for (let left = 1 + random(3); left > 0; left -= 1) changeField(bytes, random);
  return random(8) === 0 ? bytes.slice(0, random(bytes.length)) : bytes;
}

function changeField(bytes: Uint8Array, random: Random): void {
  const kind = random(8);
  if (kind === 0) {
    const at = random(bytes.length);
    bytes[at] = random(256);
  } else if (kind < 3) {
    writeField(bytes, random, [pick(random, HEADER_FIELDS), 8]);
  } else {
    const [offset, width] = pick(random, RECORD_FIELDS);
    writeField(bytes, random, [TABLE + random(5) * RECORD + offset, width]);
  }
}

function writeField(
  bytes: Uint8Array,
  random: Random,
  [at, width]: readonly [number, number],
): void {
  if (at + width > bytes.length) return;
  let old = 0n;
  for (let index = width - 1; index >= 0; index -= 1) {
    old = (old << 8n) | BigInt(bytes[at + index] ?? 0);
  }
  const value = pick(random, [
    old + BigInt(random(9) - 4),
    old ^ (1n << BigInt(random(8 * width))),
    BigInt(random(2 ** 31)),
    BigInt(bytes.length + random(9) - 4),
    -BigInt(random(2 ** 31)),
    BigInt(random(6)),
    (1n << BigInt(random(64))) - BigInt(random(2)),
  ]);
  for (let index = 0; index < width; index += 1) {
    bytes[at + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
}
