import { pick, type Random } from "./random.js";

/** Longest input that mutations produce, in bytes. */
const MAX_BYTES = 256 * 1024;

/** Numbers at which code often fails. */
const NUMBERS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  585n,
  4096n,
  32_176n,
  65_536n,
  2n ** 28n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -62_135_596_800n,
];

/** Fragments of texts in images that mean something to parsers. */
const TOKENS: readonly string[] = [
  '"',
  "\\",
  "\\u0000",
  "\\ud800",
  "\0",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "null",
  "true",
  "-1",
  "1e999",
  "4294967296",
  '"__proto__":{"a":1},',
  '"constructor":1,',
  '"version":1,',
  '"objects":[],',
  '"manifests":[],',
  '"payloadType":"application/vnd.sylabs.sif-metadata+json",',
  "sha256:",
  "sha1:",
  "[".repeat(600),
  '{"a":'.repeat(600),
  "\r\n",
  "\n",
  "\t",
  "- ",
  "=",
  "-----BEGIN PGP SIGNED MESSAGE-----\n",
  "-----BEGIN PGP SIGNATURE-----\n",
  "-----END PGP SIGNATURE-----\n",
  "Hash: SHA256\n",
  "SIFHASH:\n",
  "\uFEFF",
  "\u2028",
  "é",
  "A".repeat(5000),
  " ".repeat(5000),
];

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const place = (bytes: Uint8Array, random: Random): number => random(bytes.length + 1);

const changeByte: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  const at = random(Math.max(1, copy.length));
  copy[at] = random(2) === 0 ? random(256) : (copy[at] ?? 0) ^ (1 << random(8));
  return copy;
};

const writeNumber: Mutation = (bytes, random) => {
  const width = pick(random, [1, 2, 4, 8]);
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const at = random(copy.length - width + 1);
  const value = pick(random, NUMBERS) + BigInt(random(3) - 1);
  for (let index = 0; index < width; index += 1) {
    view.setUint8(at + index, Number((value >> BigInt(8 * index)) & 0xffn));
  }
  return copy;
};

const removeRange: Mutation = (bytes, random) => {
  const start = place(bytes, random);
  const end = start + random(pick(random, [2, 16, 1024]));
  return joined(bytes.subarray(0, start), bytes.subarray(end));
};

const repeatRange: Mutation = (bytes, random) => {
  const start = place(bytes, random);
  const range = bytes.subarray(start, start + 1 + random(pick(random, [4, 64, 2048])));
  const times = pick(random, [1, 1, 2, 100]);
  const copies = Array.from({ length: times }, () => range);
  return joined(bytes.subarray(0, start), ...copies, bytes.subarray(start));
};

const insertToken: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  const token = new TextEncoder().encode(pick(random, TOKENS));
  const over = random(2) === 0 ? token.length : 0;
  return joined(bytes.subarray(0, at), token, bytes.subarray(at + over));
};

const moveRange: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  const from = place(copy, random);
  copy.copyWithin(place(copy, random), from, from + random(600));
  return copy;
};

const splice: Mutation = (bytes, random, other) =>
  joined(bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random)));

const cutOff: Mutation = (bytes, random) => bytes.slice(0, place(bytes, random));

const MUTATIONS: readonly Mutation[] = [
  changeByte,
  changeByte,
  changeByte,
  writeNumber,
  writeNumber,
  writeNumber,
  insertToken,
  insertToken,
  removeRange,
  repeatRange,
  moveRange,
  splice,
  cutOff,
];

/** Returns one of the seeds, changed one to five times. */
export function mutateBytes(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = pick(random, seeds);
  for (let left = 1 + random(5); left > 0; left -= 1) {
    const mutate = pick(random, MUTATIONS);
    bytes = mutate(bytes, random, pick(random, seeds)).subarray(0, MAX_BYTES);
  }
  return bytes.slice();
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
