import assert from "node:assert/strict";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { isLibraryError } from "@sifshelf/client";
import { openFileSource, pullToFile } from "@sifshelf/client/node";
import { always, changed, seededRandom } from "@sifshelf/testing";

import {
  type BenchImage,
  type FaultBench,
  inNewFolder,
  openFaultBench,
  seededBytes,
  sha256Of,
} from "../fault-bench.js";
import { type FaultCase, type FaultVariant, type Outcome, WHOLE } from "../fault-case.js";
import { pullOverBadLine } from "../faulty-pull.js";
import { fileSha256 } from "../file-sha256.js";
import { isRecord } from "../requests.js";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const PART_BYTES = 4096;
const ARCH = { arch: "amd64" } as const;

/** Sizes where arithmetic can go wrong. */
export const T15: FaultCase = {
  id: "T15",
  title: "sizes where arithmetic can go wrong",
  seeds: 3,
  open: async () => {
    const bench = await openFaultBench();
    const streaming = await openFaultBench({ downloads: "stream" });
    const image = await bench.addImage("small", 10_000);
    const variants = [
      ...pushesAndPulls(bench, streaming),
      empty(bench),
      ...uploadsAroundParts(bench),
      ...sparse(bench),
      ...impossible(bench, image),
    ];
    const close = async () => {
      await bench.close();
      await streaming.close();
    };
    return { variants, close };
  },
};

function pushesAndPulls(bench: FaultBench, streaming: FaultBench): FaultVariant[] {
  const sizes = [
    ["1 byte", 1],
    ["a part minus a byte", PART_BYTES - 1],
    ["a part", PART_BYTES],
    ["a part plus a byte", PART_BYTES + 1],
    ["seven parts", 7 * PART_BYTES],
    ["seven parts minus a byte", 7 * PART_BYTES - 1],
    ["10 000 parts", 10_000 * 64, 64],
    ["10 000 parts plus a byte", 10_000 * 64 + 1, 64],
  ] as const;
  return sizes.flatMap(([name, sizeBytes, partSizeBytes = PART_BYTES]) => [
    {
      name: `${name}: pushed, pulled in parts`,
      isHeavy: name.startsWith("10 000"),
      run: (seed: number) => pushAndPull(bench, { sizeBytes, seed, partSizeBytes }),
    },
    {
      name: `${name}: pushed, pulled in one stream`,
      isHeavy: name.startsWith("10 000"),
      run: (seed: number) => pushAndPull(streaming, { sizeBytes, seed, partSizeBytes }),
    },
  ]);
}

interface SizeRun {
  readonly sizeBytes: number;
  readonly seed: number;
  readonly partSizeBytes?: number;
}

let pushes = 0;

async function pushAndPull(
  { direct }: FaultBench,
  { sizeBytes, seed, partSizeBytes }: SizeRun,
): Promise<Outcome> {
  pushes += 1;
  const bytes = seededBytes(sizeBytes, seed);
  const ref = `admin/sizes/s${pushes}`;
  await direct.uploadImage(bytes, ref, { ...ARCH, tags: ["latest"] });
  return inNewFolder(async (folder) => {
    const path = join(folder, "a.sif");
    await pullToFile(
      direct,
      { ref, path },
      { ...ARCH, partSizeBytes, concurrency: 1 + (seed % 8) },
    );
    await assertFile(path, sizeBytes, sha256Of(bytes));
    return WHOLE;
  });
}

/** Around the size from which images are sent in parts, and around multiples of the part size. */
function uploadsAroundParts(bench: FaultBench): FaultVariant[] {
  return [64 * MIB, 80 * MIB].flatMap((sizeBytes) =>
    [-1, 0, 1].map((more) => ({
      name: `${sizeBytes / MIB} MiB${more === 0 ? "" : more > 0 ? " plus a byte" : " minus a byte"}: pushed and pulled`,
      isHeavy: true,
      run: (seed: number) =>
        pushAndPull(bench, { sizeBytes: sizeBytes + more, seed, partSizeBytes: 16 * MIB }),
    })),
  );
}

/** An empty file may be refused; a library that accepts it must return it. */
function empty({ direct }: FaultBench): FaultVariant {
  return {
    name: "0 bytes: pushed and pulled, or rejected with a typed error",
    run: async (seed) => {
      const ref = `admin/sizes/empty-${seed}`;
      try {
        await direct.uploadImage(new Uint8Array(), ref, { ...ARCH, tags: ["latest"] });
      } catch (error) {
        if (isLibraryError(error)) return { kind: "refused", code: error.code };
        throw error;
      }
      return inNewFolder(async (folder) => {
        const path = join(folder, "a.sif");
        await pullToFile(direct, { ref, path }, ARCH);
        await assertFile(path, 0, sha256Of(new Uint8Array()));
        return WHOLE;
      });
    },
  };
}

/** Files of zeros, except for some bytes before and after the limits of 31 and 32 bits. */
function sparse(bench: FaultBench): FaultVariant[] {
  const sizes = [
    ["2³¹", 2 * GIB],
    ["2³²", 4 * GIB],
  ] as const;
  return sizes.map(([name, base]) => ({
    name: `${name} plus 5 bytes: pushed and pulled`,
    isHeavy: true,
    run: (seed) =>
      inNewFolder((folder) => pushAndPullSparse(bench, { sizeBytes: base + 5, seed }, folder)),
  }));
}

async function pushAndPullSparse(
  { direct }: FaultBench,
  { sizeBytes, seed }: SizeRun,
  folder: string,
): Promise<Outcome> {
  const random = seededRandom(seed);
  const file = await open(join(folder, "sparse"), "w");
  await file.truncate(sizeBytes);
  for (const place of [0, sizeBytes - 9, Math.floor(random() * (sizeBytes - 9))]) {
    await file.write(Buffer.from(seededBytes(9, seed + place)), 0, 9, place);
  }
  await file.close();
  const sha256 = await fileSha256(join(folder, "sparse"));
  const ref = `admin/sizes/sparse-${sizeBytes}-${seed}`;
  const source = await openFileSource(join(folder, "sparse"));
  await direct.uploadImage(source, ref, { ...ARCH, tags: ["latest"] });
  await source.close();
  const path = join(folder, "a.sif");
  await pullToFile(direct, { ref, path }, ARCH);
  await assertFile(path, sizeBytes, sha256);
  // The library's copy is no longer needed.
  await direct.deleteImage(ref, ARCH);
  return WHOLE;
}

async function assertFile(path: string, sizeBytes: number, sha256: string): Promise<void> {
  assert.equal((await stat(path)).size, sizeBytes, "WRONG SIZE");
  assert.equal(await fileSha256(path), sha256, "WRONG FILE");
  const beside = (await readdir(join(path, ".."))).filter((name) => name.includes(".part"));
  assert.deepEqual(beside, [], "something was left beside the file");
}

/** Record sizes that JavaScript cannot represent or no disk can hold. */
function impossible(bench: FaultBench, image: BenchImage): FaultVariant[] {
  const sizes = [
    ["2⁵³", "9007199254740992"],
    ["more than 2⁵³", "9007199254740993"],
    ["more than 2⁶⁴", "18446744073709551617"],
    ["10³⁰⁰", "1e300"],
    ["-1", "-1"],
    ["0.5", "0.5"],
    ["2⁵³ - 1", "9007199254740991"],
  ] as const;
  return sizes.map(([name, text]) => ({
    name: `a record whose size is ${name}`,
    run: (seed) =>
      pullOverBadLine({
        bench,
        image,
        seed,
        script: () =>
          always(
            isRecord,
            changed(({ status, headers, body: bytes }) => {
              const body = Buffer.from(bytes.toString().replace(/"size":\d+/, `"size":${text}`));
              return { status, headers: { ...headers, "content-length": body.byteLength }, body };
            }),
          ),
        mayFailWith: ["protocol", "file-not-writable"],
        mustFail: true,
      }),
  }));
}
