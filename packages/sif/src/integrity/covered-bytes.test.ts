import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import type { SifDescriptor } from "../format/descriptor.js";
import { hashBytes } from "../bytes/hash-data.js";
import { SifFsType, SifPartType } from "../format/metadata.js";
import { readSif } from "../format/read-sif.js";
import { objectById } from "../../testing/object-by-id.js";
import { toHex } from "../bytes/text.js";
import { createSif } from "../write/create-sif.js";
import { memorySifStore } from "../write/sif-store.js";
import { coveredDescriptorBytes, coveredHeaderBytes } from "./covered-bytes.js";
import { createObjectHasher } from "./object-hasher.js";

const sha256 = (chunks: Uint8Array[]) => toHex(hashBytes("sha256", ...chunks));

// Values of the reference implementation's own golden data.
describe("coveredHeaderBytes", () => {
  it("hash to the reference's digest for an empty header", async () => {
    const { header } = await createSif(memorySifStore(), { deterministic: true });
    expect(sha256(coveredHeaderBytes(header))).toBe(
      "635fa0a14a8ef0c0351ed3e985799ed1d4f75ce973dea3cc76c99710795cc3f1",
    );
  });

  it("hash to the reference's digest for a header with launch script and UUID", async () => {
    const { header } = await createSif(memorySifStore(), {
      launchScript: "#!/usr/bin/env run-singularity\n",
      id: "b2659d4e-bd50-4ea5-bd17-eec5e54f918e",
    });
    expect(sha256(coveredHeaderBytes(header))).toBe(
      "a18d8228cd6f87e7fc3559bdf6bf2e32b3663c1b1107ffddcad06f6c2a15598e",
    );
  });
});

describe("coveredDescriptorBytes", () => {
  it("hash to the reference's digests for a partition", async () => {
    const store = memorySifStore();
    const image = await createSif(store, {
      deterministic: true,
      objects: [
        {
          dataType: SifDataType.partition,
          data: new Uint8Array([0xfa, 0xce, 0xfe, 0xed]),
          metadata: {
            kind: "partition",
            fsType: SifFsType.raw,
            partType: SifPartType.system,
            arch: "386",
          },
        },
      ],
    });
    const object = objectById(image, 1);
    expect(sha256(coveredDescriptorBytes(object, 0))).toBe(
      "3634ad01db0dd5482ecf685267b53d6201690438ca27c3d7ea91c971a1f41f92",
    );
    const data = await createObjectHasher(image, {}).digest(object, "sha256");
    expect(toHex(data)).toBe("004dfc8da678c309de28b5386a1e9efd57f536b150c40d29b31506aa0fb17ec2");
  });

  it.each([
    [0, "46712c8c573850880fceb4302c729b2bd0cfb402d3422faa5ca9026b7ab89b9b"],
    [1, "a1e6ca1d0cce1fbd71b186ac7a5c5a805c833ecc419a78d017558e79c0862790"],
  ])("hash to the reference's digest with relative id %i", async (relativeId, digest) => {
    const raw = new Uint8Array(585);
    raw.set([0x01, 0x40]);
    // Any used flag is hashed as 1.
    raw[4] = 9;
    const image = await createSif(memorySifStore(), {
      objects: [{ dataType: SifDataType.deffile, data: new Uint8Array() }],
    });
    const object: SifDescriptor = { ...objectById(image, 1), raw };
    const covered = coveredDescriptorBytes(object, relativeId);
    expect(covered.reduce((sum, { length }) => sum + length, 0)).toBe(557);
    expect(sha256(covered)).toBe(digest);
  });
});

describe("coveredHeaderBytes", () => {
  it("leave out architecture, times, counts and offsets", async () => {
    const store = memorySifStore();
    const { header } = await createSif(store, { deterministic: true });
    const bytes = store.bytes();
    bytes.set([0x30, 0x32], 45);
    bytes.fill(0x11, 64, 80);
    const changed = await readSif(memoryByteSource(bytes));
    expect(sha256(coveredHeaderBytes(changed.header))).toBe(sha256(coveredHeaderBytes(header)));
  });
});
