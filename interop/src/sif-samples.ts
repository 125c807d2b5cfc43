import {
  type CreateSifOptions,
  createSif,
  memorySifStore,
  SifDataType,
  SifFsType,
  SifHashType,
  type SifObjectInput,
  SifPartType,
} from "@sifshelf/sif";

/** An image to write, with everything that decides its bytes. */
export interface SifSample {
  readonly name: string;
  readonly options: CreateSifOptions;
  /** Uses features that Debian's `siftool`, of 2022, lacks. */
  readonly isRecent?: boolean;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const time = new Date("2023-11-14T22:13:31Z");
const id = "0b1e3a52-63a7-4b0e-9d0c-1f5a8f0a7c11";
const launchScript = "#!/usr/bin/env run-singularity\n";

/** Returns a partition object with arbitrary content. */
export function partition(partType: number, arch: string, bytes = 5015): SifObjectInput {
  const metadata = { kind: "partition", fsType: SifFsType.squashfs, partType, arch } as const;
  const data = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) % 251);
  return { dataType: SifDataType.partition, data, metadata };
}

const deffile = { dataType: SifDataType.deffile, data: text("Bootstrap: scratch\n") };
const json = { dataType: SifDataType.genericJson, data: text("{}"), name: "inspect-metadata.json" };

/** Samples of containers, encrypted containers, collections of documents and OCI-SIFs. */
export const SIF_SAMPLES: readonly SifSample[] = [
  { name: "an empty image", options: { deterministic: true } },
  { name: "an image without records", options: { deterministic: true, capacity: 1 } },
  {
    name: "a container",
    options: {
      id,
      time,
      launchScript,
      objects: [deffile, json, partition(SifPartType.primary, "amd64")],
    },
  },
  {
    name: "a reproducible container",
    options: {
      deterministic: true,
      capacity: 4,
      objects: [deffile, partition(SifPartType.primary, "s390x")],
    },
  },
  {
    name: "an encrypted container",
    options: {
      id,
      time,
      launchScript,
      objects: [
        {
          ...partition(SifPartType.primary, "arm64"),
          metadata: {
            kind: "partition",
            fsType: SifFsType.encryptedSquashfs,
            partType: SifPartType.primary,
            arch: "arm64",
          },
        },
        {
          dataType: SifDataType.cryptoMessage,
          data: text("-----BEGIN MESSAGE-----\n"),
          link: { kind: "object", id: 1 },
          metadata: { kind: "crypto-message", format: 2, message: 0x200 },
        },
      ],
    },
  },
  {
    name: "objects of every old type",
    options: {
      id,
      time,
      objects: [
        { dataType: SifDataType.envVar, data: text("A=1\0"), alignment: 512 },
        { dataType: SifDataType.labels, data: text("{}"), group: 7 },
        { dataType: SifDataType.generic, data: new Uint8Array(), name: "empty" },
        { dataType: SifDataType.generic, data: text("x"), name: "n".repeat(128) },
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((format) => ({
          dataType: SifDataType.sbom,
          data: text("{}"),
          metadata: { kind: "sbom", format } as const,
        })),
        partition(SifPartType.system, "386", 1),
        partition(SifPartType.data, "ppc64le"),
        { ...partition(SifPartType.overlay, "riscv64"), alignment: 65_536 },
        {
          dataType: SifDataType.signature,
          data: text("no signature"),
          group: null,
          link: { kind: "group", id: 7 },
          metadata: {
            kind: "signature",
            hashType: SifHashType.sha384,
            fingerprint: "12045c8c0b1004d058de4beda20c27ee7ff7ba84",
          },
        },
      ],
    },
  },
  {
    name: "an oci-sif",
    isRecent: true,
    options: {
      deterministic: true,
      objects: [
        { dataType: SifDataType.ociBlob, data: text("a layer") },
        { dataType: SifDataType.ociRootIndex, data: text('{"schemaVersion":2,"manifests":[]}') },
      ],
    },
  },
  {
    name: "a container for loong64",
    isRecent: true,
    options: { id, time, objects: [partition(SifPartType.primary, "loong64")] },
  },
];

/** Returns the bytes of a sample, written by us. */
export async function writtenSample({ options }: SifSample): Promise<Uint8Array> {
  const store = memorySifStore();
  await createSif(store, options);
  return store.bytes();
}
