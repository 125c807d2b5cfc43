import { createHash } from "node:crypto";
import { buildSif } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import { isSifFormatError } from "../format/format-error.js";
import { SifFsType, SifPartType } from "../format/metadata.js";
import { readSif } from "../format/read-sif.js";
import { corpusBytes, hasCorpus } from "../../testing/corpus.js";
import { objectById } from "../../testing/object-by-id.js";
import { createSif, type CreateSifOptions } from "./create-sif.js";
import { addObject, deleteObjects, setObjectMetadata, setPrimaryPartition } from "./edit-sif.js";
import type { SifObjectInput } from "./place-object.js";
import { type MemorySifStore, memorySifStore } from "./sif-store.js";
import { isSifWriteError } from "./write-error.js";

const FACE = new Uint8Array([0xfa, 0xce]);
const FEED = new Uint8Array([0xfe, 0xed]);
const ID = "de170c43-36ab-44a8-bca9-1ea1a070a274";
const TIME = new Date(946_702_800_000);

const generic = (data: Uint8Array, more: Partial<SifObjectInput> = {}): SifObjectInput => ({
  dataType: SifDataType.generic,
  data,
  ...more,
});
const partition = (
  data: Uint8Array,
  [fsType, partType, arch]: [number, number, string],
  more: Partial<SifObjectInput> = {},
): SifObjectInput => ({
  dataType: SifDataType.partition,
  data,
  metadata: { kind: "partition", fsType, partType, arch },
  ...more,
});
const squash386: [number, number, string] = [SifFsType.squashfs, SifPartType.primary, "386"];
const text = (value: string) => new TextEncoder().encode(value);

async function created(
  objects: SifObjectInput[] = [],
  options: CreateSifOptions = { deterministic: true },
): Promise<MemorySifStore> {
  const store = memorySifStore();
  await createSif(store, { ...options, objects });
  return store;
}

const sha256 = (store: MemorySifStore) => createHash("sha256").update(store.bytes()).digest("hex");

// Digests of the files that the reference implementation's own tests expect for the same steps.
const STEPS: [string, string, () => Promise<MemorySifStore>][] = [
  [
    "an empty image",
    "1987d6041b278a3a87810475ce3bbe5416bc0301471c29c1e2f020579a61f815",
    () => created(),
  ],
  [
    "a launch script",
    "31d3dbe41b33af1d204df21083df5f5fae3df637dae3170856343dbcbc09757a",
    () => created([], { deterministic: true, launchScript: "#!/usr/bin/env launch-script\n" }),
  ],
  [
    "a UUID",
    "046cf22bd62844b46c7ea3764b370a7ad97ee329e6baca8a3ebe2b7ac5b020ca",
    () => created([], { id: ID, time: null }),
  ],
  [
    "a time",
    "f5ddfd876fd8ef3fab4e8828320a3ca49126b85321cc60ce77769783dda58ad6",
    () => created([], { id: null, time: TIME }),
  ],
  [
    "a capacity of 1",
    "c1cad9338fdc09e1b5dae95b041b7a3cf3bc9610969b819a96f414dd3e690d8c",
    () => created([], { deterministic: true, capacity: 1 }),
  ],
  [
    "one object",
    "d171b98e012612430bf1ec191f7b6ae69b39b656c8c2fb494538d5e78aafb577",
    () => created([generic(FACE)]),
  ],
  [
    "two objects",
    "c960f286dacba0958c5812f021182c46f2ee54ce82cbd8b36538315d29fe9164",
    () => created([generic(FACE), partition(FEED, squash386)]),
  ],
  [
    "two objects without alignment",
    "5eb0b8081195d421b25591489ac8970d1b7ea8da6be928cc340f763231da08d2",
    () => created([generic(FACE, { alignment: 0 }), partition(FEED, squash386, { alignment: 0 })]),
  ],
  [
    "two objects aligned to 4",
    "bc3192f152d5287092699ad506e731823f77defb18d29350431e706e35ea624f",
    () => created([generic(FACE, { alignment: 4 }), partition(FEED, squash386, { alignment: 4 })]),
  ],
  [
    "an object added without time",
    "0b4f5579fe2de951307d7f7d57548e74f29dbdeae04bb0eb8ae30a391b2ef7d0",
    async () => {
      const store = await created([], { id: ID, time: TIME });
      await addObject(store, generic(FACE), { time: null });
      return store;
    },
  ],
  [
    "an object added with a time",
    "b85ed6f09eae1a581588d23602da820d76380b6af98f2f8e49f99329fbc136a0",
    async () => {
      const store = await created();
      await addObject(store, generic(FACE), { time: TIME });
      return store;
    },
  ],
  [
    "an aligned object added",
    "b2b663a5eb53a52ee86fbce46f3e2b2b53a4ab9918a9242e11ae7e2135005f57",
    async () => {
      const store = await created();
      await addObject(store, generic(FACE, { alignment: 128 }));
      return store;
    },
  ],
  [
    "a partition added after an object",
    "c18b8561a053721d83912109db87aaef0037117ecb0feb67daa2b32102d02460",
    async () => {
      const store = await created([generic(FACE)]);
      await addObject(store, partition(FEED, squash386, { alignment: 128 }));
      return store;
    },
  ],
  [
    "both objects deleted and compacted",
    "1987d6041b278a3a87810475ce3bbe5416bc0301471c29c1e2f020579a61f815",
    async () => {
      const store = await created([generic(FACE), generic(FEED)]);
      await deleteObjects(store, () => true, { compact: true });
      return store;
    },
  ],
  [
    "both objects deleted",
    "05c72055ef50a38ddf9603a4ea8ca9b66ba191d0d4de97d6532d03fb076f7ba0",
    async () => {
      const store = await created([generic(FACE), generic(FEED)]);
      await deleteObjects(store, () => true);
      return store;
    },
  ],
  [
    "the first object deleted and zeroed",
    "0575e008a5afb6feb2a8a8024e8c5d60e63db0f6f9c3e737aa8946c2a63e58c9",
    async () => {
      const store = await created([generic(FACE), generic(FEED)]);
      await deleteObjects(store, ({ id }) => id === 1, { zero: true });
      return store;
    },
  ],
  [
    "the first object deleted and compacted",
    "011b64995e536fe356cf0c9a1ac12ff0e5b9184fd04ef5293bfc5b938fd1c785",
    async () => {
      const store = await created([generic(FACE), generic(FEED)]);
      await deleteObjects(store, ({ id }) => id === 1, { compact: true });
      return store;
    },
  ],
  [
    "the second object deleted and zeroed",
    "002087a783866f08ca9a17118b4b35062fd30f9c71d0f68fdb2f8836265e96d5",
    async () => {
      const store = await created([generic(FACE), generic(FEED)]);
      await deleteObjects(store, ({ id }) => id === 2, { zero: true });
      return store;
    },
  ],
  [
    "the second object deleted, zeroed and compacted",
    "d171b98e012612430bf1ec191f7b6ae69b39b656c8c2fb494538d5e78aafb577",
    async () => {
      const store = await created([generic(FACE), generic(FEED)]);
      await deleteObjects(store, ({ id }) => id === 2, { zero: true, compact: true });
      return store;
    },
  ],
  [
    "an object deleted without time",
    "14843ad41a0d269c7cd409beab7ad024554ae80d9618fef33958ef27ffbc3399",
    async () => {
      const store = await created([generic(FACE)], { id: ID, time: TIME });
      await deleteObjects(store, () => true, { time: null });
      return store;
    },
  ],
  [
    "an object deleted with a time",
    "0d254bbaec2288104cba612d0e7bbe8ba471952ad34db38b1af912973752d301",
    async () => {
      const store = await created([generic(FACE)]);
      await deleteObjects(store, () => true, { time: TIME });
      return store;
    },
  ],
  [
    "the primary partition deleted",
    "9cbc6752ee070527bcb428312b7cdf878f805611be5a414c68488e0c3b487260",
    async () => {
      const store = await created([partition(FACE, squash386)]);
      await deleteObjects(store, () => true);
      return store;
    },
  ],
  [
    "an object deleted and another added in its place",
    "35666c4ffd5b2e2033f8da99336a1dbc19eee06a7d8cd53b1d738b1890749fea",
    async () => {
      const store = await created([generic(text("abc")), generic(text("def"))]);
      await deleteObjects(store, ({ id }) => id === 2);
      await addObject(store, generic(text("ghi")));
      return store;
    },
  ],
  [
    "a system partition made primary",
    "b624f28a4c4c8b178a24a3c0af5018c519948e9a7f48ebcfeb14dbb8e21d08f2",
    async () => {
      const store = await created([partition(FACE, [SifFsType.raw, SifPartType.system, "386"])]);
      await setPrimaryPartition(store, 1);
      return store;
    },
  ],
  [
    "another partition made primary, with a time",
    "7dce7863f8958756ad464df59158b03d421b1482b24cd41353fc5c4a47c588d1",
    async () => {
      const store = await created([
        partition(FACE, [SifFsType.raw, SifPartType.primary, "386"]),
        partition(FEED, [SifFsType.raw, SifPartType.system, "amd64"]),
      ]);
      await setPrimaryPartition(store, 2, { time: TIME });
      return store;
    },
  ],
  [
    "another digest of an OCI blob",
    "ff66b2634f9782d6ec75f13a4eb220255efd3a504f3eeef0ec42dcbb5dddfcd7",
    async () => {
      const dataType = SifDataType.ociBlob;
      const store = await created([FACE, FEED].map((data) => ({ dataType, data })));
      const digest = `sha256:${createHash("sha256").digest("hex")}`;
      await setObjectMetadata(store, 2, { kind: "oci", digest });
      return store;
    },
  ],
];

describe("writing", () => {
  it.each(STEPS)("gives the reference's bytes for %s", async (_name, digest, run) => {
    expect(sha256(await run())).toBe(digest);
  });
});

describe.skipIf(!hasCorpus)("createSif with the sample images", () => {
  it.each([
    "one-group",
    "two-groups",
    "one-object-crypt-message",
    "one-object-generic-json",
    "one-object-oci-blob",
    "empty-launch-script",
  ])("writes the reference's %s again from its objects", async (name) => {
    const bytes = corpusBytes("reference", `${name}.sif`);
    const image = await readSif(memoryByteSource(bytes));
    const objects = image.descriptors.map(
      ({ dataType, offset, size, group, link, name: objectName, metadata }): SifObjectInput => ({
        dataType,
        data: bytes.subarray(offset, offset + size),
        group,
        link,
        name: objectName,
        ...(metadata.kind !== "none" && metadata.kind !== "oci" && { metadata }),
      }),
    );
    const { launchScript } = image.header;
    const store = await created(objects, { deterministic: true, launchScript });
    expect(Buffer.from(store.bytes()).equals(bytes)).toBe(true);
  });
});

describe("createSif", () => {
  it("writes an image of capacity 0 that is its header alone", async () => {
    const store = await created([], { deterministic: true, capacity: 0 });
    expect(store.size).toBe(128);
  });

  it("gives a new image a random UUID and the current time", async () => {
    const before = Math.floor(Date.now() / 1000);
    const [a, b] = await Promise.all([created([], {}), created([], {})]);
    const images = await Promise.all([readSif(a), readSif(b)]);
    expect(images[0].header.id).not.toBe(images[1].header.id);
    expect(images[0].header.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
    expect(Number(images[0].header.createdAt)).toBeGreaterThanOrEqual(before);
  });

  it("writes what the independent builder writes from the same objects", async () => {
    const expected = buildSif({ signed: true });
    const image = await readSif(memoryByteSource(expected));
    const objects = image.descriptors.map(
      ({ dataType, offset, size, group, link, name, metadata }): SifObjectInput => ({
        dataType,
        data: expected.subarray(offset, offset + size),
        group,
        link,
        name,
        ...(metadata.kind !== "none" && metadata.kind !== "oci" && { metadata }),
      }),
    );
    const { id, launchScript, createdAt } = image.header;
    const time = new Date(Number(createdAt) * 1000);
    const store = await created(objects, { id, time, launchScript });
    expect(Buffer.from(store.bytes()).equals(expected)).toBe(true);
  });

  const failures: [string, CreateSifOptions][] = [
    ["capacity-exhausted", { capacity: 0, objects: [generic(FACE)] }],
    ["capacity-unsupported", { capacity: 65_537 }],
    ["capacity-unsupported", { capacity: -1 }],
    ["launch-script-too-long", { launchScript: "x".repeat(32) }],
    ["bad-id", { id: "not-a-uuid" }],
    ["bad-id", { objects: [generic(FACE, { group: 0 })] }],
    ["bad-id", { objects: [generic(FACE, { group: 2 ** 28 })] }],
    ["bad-id", { objects: [generic(FACE, { link: { kind: "object", id: 0 } })] }],
    ["bad-id", { objects: [generic(FACE, { alignment: -1 })] }],
    ["too-large", { objects: [generic(FACE, { alignment: Number.MAX_SAFE_INTEGER })] }],
    ["name-too-long", { objects: [generic(FACE, { name: "ü".repeat(65) })] }],
    ["metadata-too-long", { objects: [generic(FACE, { metadata: new Uint8Array(385) })] }],
    ["metadata-mismatch", { objects: [generic(FACE, { metadata: { kind: "sbom", format: 1 } })] }],
    ["unknown-arch", { objects: [partition(FACE, [1, 2, "sparc"])] }],
    ["primary-exists", { objects: [partition(FACE, squash386), partition(FEED, squash386)] }],
    ["contradictory-options", { deterministic: true, id: ID }],
    ["contradictory-options", { deterministic: true, time: TIME }],
  ];
  it.each(failures)("rejects with %s: %j", async (code, options) => {
    const error: unknown = await createSif(memorySifStore(), options).catch((caught) => caught);
    expect(isSifWriteError(error) && error.code).toBe(code);
  });

  it("rejects a store that is not empty", async () => {
    await expect(createSif(memorySifStore(FACE))).rejects.toMatchObject({
      code: "store-not-empty",
    });
  });
});

describe("addObject", () => {
  it("takes the lowest free id and the time of deterministic images", async () => {
    const store = await created([generic(FACE), generic(FEED), generic(FACE)]);
    await deleteObjects(store, ({ id }) => id === 2);
    const image = await addObject(store, generic(FEED, { group: 7, name: "näme" }));
    const object = objectById(image, 2);
    expect(object).toMatchObject({ group: 7, name: "näme", createdAt: -62_135_596_800n });
    expect(object.offset).toBeGreaterThan(objectById(image, 3).offset);
  });

  it("changes nothing when the image is full", async () => {
    const store = await created([generic(FACE)], { deterministic: true, capacity: 1 });
    const before = store.bytes();
    await expect(addObject(store, generic(FEED))).rejects.toMatchObject({
      code: "capacity-exhausted",
    });
    expect(store.bytes()).toEqual(before);
  });

  it("rejects to change what is not a valid image", async () => {
    const store = memorySifStore(new Uint8Array(200));
    await expect(addObject(store, generic(FACE))).rejects.toSatisfy(isSifFormatError);
  });
});

describe("deleteObjects", () => {
  it("rejects when nothing was picked, and writes nothing", async () => {
    const store = await created([generic(FACE)]);
    const before = store.bytes();
    const deleting = deleteObjects(store, () => false, { time: TIME });
    await expect(deleting).rejects.toMatchObject({ code: "object-not-found" });
    expect(store.bytes()).toEqual(before);
  });
});

describe("setPrimaryPartition", () => {
  it.each([
    [1, "not-a-partition"],
    [2, "not-a-system-partition"],
    [9, "object-not-found"],
  ])("rejects object %i with %s", async (id, code) => {
    const data = partition(FEED, [SifFsType.raw, SifPartType.data, "386"]);
    const store = await created([generic(FACE), data]);
    await expect(setPrimaryPartition(store, id)).rejects.toMatchObject({ code });
  });

  it("changes nothing for the primary partition", async () => {
    const store = await created([partition(FACE, squash386)]);
    const before = store.bytes();
    await setPrimaryPartition(store, 1, { time: TIME });
    expect(store.bytes()).toEqual(before);
  });
});

describe("setObjectMetadata", () => {
  it("keeps the header's architecture that of the primary partition", async () => {
    const store = await created([partition(FACE, squash386)]);
    const image = await setObjectMetadata(store, 1, {
      kind: "partition",
      fsType: SifFsType.squashfs,
      partType: SifPartType.primary,
      arch: "arm64",
    });
    expect(image.header.arch).toBe("arm64");
    expect(image.warnings).toEqual([]);
  });

  it("rejects metadata that would change which partition is primary", async () => {
    const store = await created([partition(FACE, squash386)]);
    const metadata = { kind: "partition", fsType: 1, partType: 1, arch: "386" } as const;
    await expect(setObjectMetadata(store, 1, metadata)).rejects.toMatchObject({
      code: "metadata-mismatch",
    });
  });
});
