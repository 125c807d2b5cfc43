import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isLibraryError, type LibraryClient } from "@sifshelf/client";
import { pullToFile } from "@sifshelf/client/node";
import {
  always,
  type BadLine,
  onReply,
  resetAfter,
  seededRandom,
  startBadLine,
} from "@sifshelf/testing";

import {
  type BenchImage,
  type FaultBench,
  hastyClient,
  inNewFolder,
  openFaultBench,
  seededBytes,
  sha256Of,
} from "../fault-bench.js";
import { type FaultCase, type FaultVariant, type Outcome, WHOLE } from "../fault-case.js";
import { isStorage } from "../requests.js";

const IMAGE_BYTES = 6_000_011;
const PART_BYTES = 256 * 1024;
const FILE = "image.sif";
const ARCH = { arch: "amd64" } as const;

/** Pulls that resume what another pull left, under other circumstances. */
export const T14: FaultCase = {
  id: "T14",
  title: "pulls that resume under other circumstances",
  seeds: 10,
  concurrency: 4,
  sampleEvery: 3,
  open: async () => {
    const bench = await openFaultBench();
    return {
      variants: [...otherParts(bench), ...replaced(bench), ...journals(bench)],
      close: bench.close,
    };
  },
};

/** A pull that failed midway. */
interface CutPull {
  readonly line: BadLine;
  readonly client: LibraryClient;
  readonly folder: string;
  readonly image: BenchImage;
  readonly random: () => number;
  /** Pulls again, over a sound connection. */
  readonly goOn: (options?: object) => Promise<void>;
}

/** Interrupts a pull after some parts, and passes it to `then`. */
async function afterCutPull(
  bench: FaultBench,
  { name, seed }: { name: string; seed: number },
  then: (cut: CutPull) => Promise<void>,
): Promise<Outcome> {
  const random = seededRandom(seed);
  const image = await bench.addImage(name, IMAGE_BYTES);
  const line = await startBadLine(bench.library.url, seed);
  try {
    await inNewFolder(async (folder) => {
      const client = hastyClient(line.url, bench);
      const target = { ref: image.ref, path: join(folder, FILE) };
      let left = 6 + Math.floor(random() * 14);
      const cut = always(isStorage, onReply(resetAfter(Math.floor(random() * 1_000))));
      line.script((request) => (isStorage(request) && left-- > 0 ? undefined : cut(request)));
      const first = pullToFile(client, target, { ...ARCH, partSizeBytes: PART_BYTES });
      const error = await first.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(isLibraryError(error) && error.code === "network", `not cut off: ${String(error)}`);
      assert.ok(!(await readdir(folder)).includes(FILE), "failed, and there is a file");
      line.script(undefined);
      const goOn = async (options: object = {}) => {
        await pullToFile(client, target, { ...ARCH, partSizeBytes: PART_BYTES, ...options });
        assert.deepEqual(await readdir(folder), [FILE], "something was left beside the file");
      };
      await then({ line, client, folder, image, random, goOn });
    });
    return WHOLE;
  } finally {
    await line.close();
  }
}

async function assertFile(folder: string, sha256: string): Promise<void> {
  assert.equal(sha256Of(await readFile(join(folder, FILE))), sha256, "WRONG FILE");
}

function askedBytes({ requests }: BadLine, since: number): number {
  const ranges = requests.slice(since).map(({ range }) => range);
  return ranges.reduce(
    (sum, range) => (range === undefined ? sum : sum + range[1] - range[0] + 1),
    0,
  );
}

function otherParts(bench: FaultBench): FaultVariant[] {
  return [
    {
      name: "with another size of parts, and another number of parts at a time",
      run: (seed) =>
        afterCutPull(
          bench,
          { name: "parts", seed },
          async ({ line, folder, image, random, goOn }) => {
            const since = line.requests.length;
            await goOn({
              partSizeBytes: 1_000 + Math.floor(random() * 2_000_000),
              concurrency: 1 + Math.floor(random() * 16),
            });
            await assertFile(folder, image.sha256);
            assert.ok(askedBytes(line, since) < IMAGE_BYTES, "what had arrived was fetched again");
          },
        ),
    },
  ];
}

/** Another image under the same tag. */
async function replace(bench: FaultBench, { ref }: BenchImage, seed: number): Promise<string> {
  const bytes = seededBytes(IMAGE_BYTES - (seed % 2), 1_000 + seed);
  const [path = "", tag = ""] = ref.split(":");
  await bench.direct.uploadImage(bytes, path, { ...ARCH, tags: [tag] });
  return sha256Of(bytes);
}

function replaced(bench: FaultBench): FaultVariant[] {
  return [
    {
      name: "after the image was replaced under its tag",
      run: (seed) =>
        afterCutPull(bench, { name: `replaced-${seed}`, seed }, async ({ folder, image, goOn }) => {
          const sha256 = await replace(bench, image, seed);
          await goOn();
          await assertFile(folder, sha256);
        }),
    },
    {
      name: "after the image was replaced and the old one deleted",
      run: (seed) =>
        afterCutPull(bench, { name: `deleted-${seed}`, seed }, async ({ folder, image, goOn }) => {
          const sha256 = await replace(bench, image, seed);
          const [path = ""] = image.ref.split(":");
          await bench.direct.deleteImage(`${path}:sha256.${image.sha256}`, ARCH);
          await goOn();
          await assertFile(folder, sha256);
        }),
    },
    {
      name: "while the image is replaced under its tag",
      run: (seed) => replaceMeanwhile(bench, seed),
    },
  ];
}

/**
 * The tag moves after some parts have arrived: the file is one image or the other, never a mixture.
 */
async function replaceMeanwhile(bench: FaultBench, seed: number): Promise<Outcome> {
  const image = await bench.addImage(`meanwhile-${seed}`, IMAGE_BYTES);
  const line = await startBadLine(bench.library.url, seed);
  let left = 1 + Math.floor(seededRandom(seed)() * 20);
  let replacing: Promise<string> | undefined;
  line.script((request) => {
    if (!isStorage(request) || left-- > 0) return undefined;
    return async ({ forward, sendBack }) => {
      await (replacing ??= replace(bench, image, seed));
      await sendBack(await forward());
    };
  });
  try {
    await inNewFolder(async (folder) => {
      const target = { ref: image.ref, path: join(folder, FILE) };
      const options = { ...ARCH, partSizeBytes: PART_BYTES };
      const { image: pulled } = await pullToFile(hastyClient(line.url, bench), target, options);
      const hashes = [image.sha256, await replacing].map((sha256) => `sha256.${sha256}`);
      assert.ok(hashes.includes(pulled.hash), "WRONG IMAGE");
      await assertFile(folder, pulled.hash.slice("sha256.".length));
    });
    return WHOLE;
  } finally {
    await line.close();
  }
}

type JournalChange = (text: string, random: () => number) => string;

const JOURNAL_CHANGES: readonly (readonly [string, JournalChange])[] = [
  ["that is truncated", (text, random) => text.slice(0, Math.floor(random() * text.length))],
  [
    "with changed bytes",
    (text, random) => {
      const place = Math.floor(random() * text.length);
      const other = String.fromCodePoint(32 + Math.floor(random() * 90));
      return text.slice(0, place) + other + text.slice(place + 1);
    },
  ],
  [
    "of a version with more fields",
    (text) =>
      `{"format":2,"made":"later"}\n${text.replaceAll("}\n", ',"more":{"a":[1]}}\n')}{"parts":[1,2]}\n`,
  ],
  ["of a version with other fields", (text) => text.replaceAll('"stretch"', '"done"')],
  [
    "that claims bytes that have not arrived",
    (text) =>
      `${text}{"stretch":[0,${IMAGE_BYTES},1]}\n{"stretch":[-1,5,1]}\n{"stretch":[5,1e9,1]}\n`,
  ],
  ["that is empty", () => ""],
];

function journals(bench: FaultBench): FaultVariant[] {
  return JOURNAL_CHANGES.map(([name, change]) => ({
    name: `with a journal ${name}`,
    run: (seed) =>
      afterCutPull(bench, { name: "journals", seed }, async (cut) => {
        const { folder, image, random, client } = cut;
        const journal = (await readdir(folder)).find((file) => file.endsWith(".journal"));
        if (journal !== undefined) {
          const text = await readFile(join(folder, journal), "utf8");
          await writeFile(join(folder, journal), change(text, random));
        }
        const target = { ref: image.ref, path: join(folder, FILE) };
        await pullToFile(client, target, { ...ARCH, partSizeBytes: PART_BYTES });
        await assertFile(folder, image.sha256);
      }),
  }));
}
