import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  addObject,
  createSif,
  deleteObjects,
  memoryByteSource,
  memorySifStore,
  type MemorySifStore,
  readSif,
  setPrimaryPartition,
  SifDataType,
  sifFacts,
  SifFsType,
  type SifImage,
  type SifObjectInput,
  SifPartType,
} from "@sifshelf/sif";
import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { SIF_SAMPLES, writtenSample } from "./sif-samples.js";
import {
  buildGoSif,
  debianSiftool,
  GO_SKIPPED,
  HAS_GO,
  HAS_SIFTOOL,
  type Siftool,
  SIFTOOL_SKIPPED,
} from "./sif-tools.js";
import { fieldsOf, headerFields, infoFields, listedRows } from "./siftool-text.js";

let folder: string;
let newestSiftool: Siftool = () => {
  throw new Error("not built");
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sifshelf-siftool-"));
  if (HAS_GO) newestSiftool = buildGoSif(folder).siftool;
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
/** Returns a path that no test has used. */
const newPath = (): string => join(folder, `${(files += 1)}.sif`);
const readImage = (path: string) => readSif(memoryByteSource(new Uint8Array(readFileSync(path))));
const dateOf = (seconds: bigint): Date => new Date(Number(seconds) * 1000);

/** Debian's program and the newest, each with its features. */
const TOOLS = [
  {
    tool: `Debian's siftool${SIFTOOL_SKIPPED}`,
    isThere: HAS_SIFTOOL,
    isRecent: false,
    run: debianSiftool,
  },
  {
    tool: `the newest siftool${GO_SKIPPED}`,
    isThere: HAS_GO,
    isRecent: true,
    run: ((...args) => newestSiftool(...args)) as Siftool,
  },
];

describe.each(TOOLS)("$tool", ({ isThere, isRecent, run }) => {
  describe.skipIf(!isThere)("reads what we write", () => {
    const samples = SIF_SAMPLES.filter((sample) => isRecent || sample.isRecent !== true);

    it.each(samples)("$name: header, list, info and data agree with ours", async (sample) => {
      const path = newPath();
      writeFileSync(path, await writtenSample(sample));
      await expectAgreement(run, path);
    });

    it("a signed and encrypted image of the tests' own builder", async () => {
      const path = newPath();
      writeFileSync(path, buildSif({ signed: true, encrypted: true, payloadBytes: 70_000 }));
      await expectAgreement(run, path);
    });

    it("an image that we edited", async () => {
      const store = memorySifStore(buildSif());
      await deleteObjects(store, ({ id }) => id === 1, { zero: true });
      await addObject(store, { dataType: SifDataType.generic, data: new Uint8Array(9) });
      await addObject(store, systemPartition("arm64"));
      await setPrimaryPartition(store, 4);
      await deleteObjects(store, ({ id }) => id === 3, { compact: true });
      const path = newPath();
      writeFileSync(path, store.bytes());
      await expectAgreement(run, path);
    });
  });

  describe.skipIf(!isThere)("writes what we read, byte for byte as we write it", () => {
    it("`new`", async () => {
      const path = newPath();
      run("new", path);
      expect(sifFacts(await readImage(path))).toMatchObject({ objects: 0, arch: "unknown" });
      await expectSameBytes(path, await replayed(path, []));
    });

    it("`add` of every kind of object", async () => {
      const path = newPath();
      run("new", path);
      for (const { flags, input } of ADDITIONS) run("add", ...flags, path, dataFile(input.data));
      const image = await readImage(path);
      expect(image.warnings).toEqual([]);
      expect(sifFacts(image)).toMatchObject({ objects: ADDITIONS.length, arch: "arm64" });
      await expectSameBytes(
        path,
        await replayed(
          path,
          ADDITIONS.map(({ input }) => input),
        ),
      );
    });

    it("`del`, and `add` into the free record", async () => {
      const path = newPath();
      run("new", path);
      for (const { flags, input } of ADDITIONS) run("add", ...flags, path, dataFile(input.data));
      const store = await replayed(
        path,
        ADDITIONS.map(({ input }) => input),
      );
      run("del", "2", path);
      const { header } = await readImage(path);
      await deleteObjects(store, ({ id }) => id === 2, { time: dateOf(header.modifiedAt) });
      await expectSameBytes(path, store);
      run("add", "--datatype", "7", path, dataFile(new Uint8Array(3)));
      const added = (await readImage(path)).descriptors.find(({ id }) => id === 2);
      if (added === undefined) throw new Error("siftool did not reuse the record");
      const { name } = added;
      const time = dateOf(added.createdAt);
      const input = { dataType: SifDataType.generic, data: new Uint8Array(3), group: null, name };
      await addObject(store, input, { time });
      await expectSameBytes(path, store);
    });
  });
});

describe.skipIf(!HAS_GO)(`the newest siftool${GO_SKIPPED}`, () => {
  it("sets the primary partition as we do", async () => {
    const inputs = [primaryPartition("amd64"), systemPartition("arm64")];
    const path = newPath();
    const created = memorySifStore();
    await createSif(created, { objects: inputs });
    writeFileSync(path, created.bytes());
    newestSiftool("setprim", "2", path);
    const { header } = await readImage(path);
    await setPrimaryPartition(created, 2, { time: dateOf(header.modifiedAt) });
    await expectSameBytes(path, created);
  });
});

/** Asserts that siftool's commands print the same facts about the image as we do. */
async function expectAgreement(run: Siftool, path: string): Promise<void> {
  const image = await readImage(path);
  expect(fieldsOf(run("header", path).toString())).toEqual(headerFields(image));
  expect(run("list", path).toString().trimEnd().split("\n").slice(3)).toEqual(listedRows(image));
  for (const descriptor of image.descriptors) {
    const { id, offset, size } = descriptor;
    expect(fieldsOf(run("info", `${id}`, path).toString())).toEqual(infoFields(descriptor));
    const data = Buffer.from(await image.source.read(offset, size));
    expect(run("dump", `${id}`, path).equals(data)).toBe(true);
  }
}

/** Writes the image that siftool created with our code, with its UUID, times and names. */
async function replayed(path: string, inputs: readonly SifObjectInput[]): Promise<MemorySifStore> {
  const { header, descriptors }: SifImage = await readImage(path);
  const { launchScript, descriptorsTotal: capacity, id } = header;
  const store = memorySifStore();
  await createSif(store, { launchScript, capacity, id, time: dateOf(header.createdAt) });
  for (const [index, input] of inputs.entries()) {
    const descriptor = descriptors[index];
    if (descriptor === undefined) throw new Error(`siftool did not write object ${index + 1}`);
    const { name, createdAt } = descriptor;
    await addObject(store, { name, ...input }, { time: dateOf(createdAt) });
  }
  return store;
}

async function expectSameBytes(path: string, store: MemorySifStore): Promise<void> {
  const image = await readSif(store);
  expect(listedRows(await readImage(path))).toEqual(listedRows(image));
  expect(readFileSync(path).equals(store.bytes())).toBe(true);
}

function dataFile(data: SifObjectInput["data"]): string {
  if (!(data instanceof Uint8Array)) throw new Error("the tests' data is in memory");
  const path = join(folder, "data");
  writeFileSync(path, data);
  return path;
}

function partitionInput(partType: number, arch: string): SifObjectInput {
  const metadata = { kind: "partition", fsType: SifFsType.squashfs, partType, arch } as const;
  const data = new Uint8Array(777).fill(partType);
  return { dataType: SifDataType.partition, data, metadata, group: null };
}
function primaryPartition(arch: string): SifObjectInput {
  return partitionInput(SifPartType.primary, arch);
}
function systemPartition(arch: string): SifObjectInput {
  return partitionInput(SifPartType.system, arch);
}

const letters = new TextEncoder().encode("some text\n");
const FINGERPRINT = "433fe984155206bd962725e20e8713472a879943";

/** Objects, with the siftool flags that add them. By default siftool puts objects into no group. */
const ADDITIONS: readonly { flags: readonly string[]; input: SifObjectInput }[] = [
  {
    flags: ["--datatype", "1", "--filename", "recipe"],
    input: { dataType: SifDataType.deffile, data: letters, group: null, name: "recipe" },
  },
  {
    flags: ["--datatype", "2", "--groupid", "1"],
    input: { dataType: SifDataType.envVar, data: letters, group: 1 },
  },
  {
    flags: ["--datatype", "4", "--parttype", "2", "--partfs", "1", "--partarch", "4"],
    input: primaryPartition("arm64"),
  },
  {
    flags: ["--datatype", "4", "--parttype", "1", "--partfs", "1", "--partarch", "2"],
    input: systemPartition("amd64"),
  },
  {
    flags: ["--datatype", "3", "--link", "3", "--alignment", "1024"],
    input: {
      dataType: SifDataType.labels,
      data: letters,
      group: null,
      link: { kind: "object", id: 3 },
      alignment: 1024,
    },
  },
  {
    flags: ["--datatype", "5", "--signentity", FINGERPRINT, "--signhash", "3"],
    input: {
      dataType: SifDataType.signature,
      data: letters,
      group: null,
      metadata: { kind: "signature", hashType: 3, fingerprint: FINGERPRINT },
    },
  },
  {
    flags: ["--datatype", "9", "--sbomformat", "spdx-yaml"],
    input: {
      dataType: SifDataType.sbom,
      data: letters,
      group: null,
      metadata: { kind: "sbom", format: 7 },
    },
  },
  {
    flags: ["--datatype", "6", "--groupid", "2"],
    input: { dataType: SifDataType.genericJson, data: letters, group: 2 },
  },
];
