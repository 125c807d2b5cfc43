import { createHash, generateKeyPairSync, sign } from "node:crypto";

import {
  addObject,
  createSif,
  type MemorySifStore,
  memorySifStore,
  readSigningKey,
  signSif,
  type SifObjectInput,
} from "@sifshelf/sif";
import { readPgpSigningKey } from "@sifshelf/sif/pgp";
import { buildSif } from "@sifshelf/testing";
import { generateKey, type KeyOptions } from "openpgp";

import type { SifCase, Verification } from "./run-case.js";

/** A case whose outcome is known. */
export interface ExpectedCase extends SifCase {
  readonly expected: { readonly load: string; readonly verdicts: readonly string[] };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Returns cases that need only this repository: readable, refused, signed, tampered with. */
export async function builtInCases(): Promise<ExpectedCase[]> {
  return [...readableCases(), ...refusedCases(), ...(await signedCases()), await ociCase()];
}

function readableCases(): ExpectedCase[] {
  const images = {
    "a container": buildSif({ labels: { "org.example.é": "ü" } }),
    "an encrypted and signed container": buildSif({ encrypted: true, signed: true }),
    "an image without objects": buildSif({ objects: [] }),
    "an image with 3 MiB": buildSif({ payloadBytes: 3 * 2 ** 20 }),
  };
  return Object.entries(images).map(([name, bytes]) => ({
    name,
    image: base64(bytes),
    verifications: [],
    expected: { load: "ok", verdicts: [] },
  }));
}

const TABLE = 4096;
const RECORD = 585;

/** Changes after which an image must be refused, with the code. */
const DAMAGES: readonly { code: string; damage: (view: DataView) => void; cut?: number }[] = [
  { code: "sif-too-short", damage: () => undefined, cut: 127 },
  { code: "sif-bad-magic", damage: (view) => view.setUint8(33, 0x40) },
  { code: "sif-bad-version", damage: (view) => view.setUint8(43, 0x32) },
  { code: "sif-descriptor-count", damage: (view) => view.setBigInt64(88, -1n, true) },
  { code: "sif-descriptor-count", damage: (view) => view.setBigInt64(88, 2n ** 62n, true) },
  { code: "sif-table-range", damage: (view) => view.setBigInt64(96, -(2n ** 63n), true) },
  { code: "sif-free-count", damage: (view) => view.setBigInt64(80, 7n, true) },
  { code: "sif-data-range", damage: (view) => view.setBigInt64(112, 5000n, true) },
  { code: "sif-object-range", damage: (view) => view.setBigInt64(TABLE + 25, 2n ** 62n, true) },
  { code: "sif-object-range", damage: (view) => view.setBigInt64(TABLE + 17, -1n, true) },
  {
    code: "sif-object-overlap",
    damage: (view) => {
      view.setBigInt64(TABLE + 17, view.getBigInt64(TABLE + RECORD + 17, true), true);
    },
  },
  { code: "sif-object-id", damage: (view) => view.setUint32(TABLE + 5, 0, true) },
  { code: "sif-object-id-duplicate", damage: (view) => view.setUint32(TABLE + 5, 2, true) },
  { code: "sif-group-id", damage: (view) => view.setUint32(TABLE + 9, 1, true) },
  { code: "sif-link-id", damage: (view) => view.setUint32(TABLE + 13, 0x8000_0001, true) },
];

function refusedCases(): ExpectedCase[] {
  return DAMAGES.map(({ code, damage, cut }, index) => {
    const bytes = buildSif();
    damage(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return {
      name: `an image to refuse with ${code} (${index + 1})`,
      image: base64(bytes.subarray(0, cut)),
      verifications: [{}],
      expected: { load: code, verdicts: [] },
    };
  });
}

interface TestKey {
  readonly kind: string;
  readonly sign: (store: MemorySifStore) => Promise<unknown>;
  readonly trusted: Verification;
}

const PAIRS = {
  Ed25519: () => generateKeyPairSync("ed25519"),
  RSA: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  "ECDSA P-256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "ECDSA P-384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
} as const;

const PGP: Readonly<Record<string, KeyOptions>> = {
  "PGP Ed25519": { userIDs: [{ name: "A" }], type: "ecc", curve: "ed25519Legacy" },
  "PGP RSA": { userIDs: [{ name: "B" }], type: "rsa", rsaBits: 2048 },
};

async function testKeys(): Promise<TestKey[]> {
  const pems = Object.entries(PAIRS).map(async ([kind, make]): Promise<TestKey> => {
    const { privateKey, publicKey } = make();
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const keys = [await readSigningKey(pem)];
    const publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();
    return {
      kind,
      sign: (store) => signSif(store, { keys }),
      trusted: { keys: [publicPem] },
    };
  });
  const rings = Object.entries(PGP).map(async ([kind, options]): Promise<TestKey> => {
    const key = await generateKey({ ...options, format: "armored" });
    const pgp = await readPgpSigningKey(key.privateKey);
    return { kind, sign: (store) => signSif(store, { pgp }), trusted: { pgp: [key.publicKey] } };
  });
  return await Promise.all([...pems, ...rings]);
}

async function signedCases(): Promise<ExpectedCase[]> {
  const keys = await testKeys();
  // Page and test share one clock, up to rounding.
  const at = Date.now() + 60_000;
  const cases = keys.map(async ({ kind, sign: signStore, trusted }, index) => {
    const store = memorySifStore(buildSif({ payloadBytes: 70_000 }));
    await signStore(store);
    const other = keys[(index + 1) % keys.length]?.trusted ?? {};
    const isPgp = trusted.pgp !== undefined;
    const isOtherPgp = other.pgp !== undefined;
    const wrong = isPgp ? "unknown-issuer" : "signature-invalid";
    const verifications = [
      { ...trusted, at },
      { ...trusted, at, objects: [2] },
      { ...other, at },
      { ...trusted, at, mode: "legacy" as const },
    ];
    const strange = isPgp === isOtherPgp ? wrong : "key-material-missing";
    const whole = ["OK", "OK", strange, "signature-not-found"];
    return [
      signedCase(`signed by ${kind}`, { image: store.bytes(), verifications, verdicts: whole }),
      signedCase(`signed by ${kind}, data changed`, {
        image: changed(store.bytes(), TABLE * 8 + 10),
        verifications: [{ ...trusted, at }],
        verdicts: ["object-integrity"],
      }),
      signedCase(`signed by ${kind}, name changed`, {
        image: changed(store.bytes(), TABLE + 73),
        verifications: [{ ...trusted, at }],
        verdicts: ["descriptor-integrity"],
      }),
      signedCase(`signed by ${kind}, uuid changed`, {
        image: changed(store.bytes(), 50),
        verifications: [{ ...trusted, at }],
        verdicts: ["header-integrity"],
      }),
    ];
  });
  return (await Promise.all(cases)).flat();
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

function signedCase(
  name: string,
  made: { image: Uint8Array; verifications: readonly Verification[]; verdicts: readonly string[] },
): ExpectedCase {
  const { image, verifications, verdicts } = made;
  return { name, image: base64(image), verifications, expected: { load: "ok", verdicts } };
}

/** An OCI-SIF of one image, signed both as cosign does and as a SIF. */
async function ociCase(): Promise<ExpectedCase> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const objects: SifObjectInput[] = [];
  const blob = (content: string): { digest: string; size: number } => {
    const data = encode(content);
    objects.push({ dataType: 0x400b, data });
    return {
      digest: `sha256:${createHash("sha256").update(data).digest("hex")}`,
      size: data.length,
    };
  };
  const type = "application/vnd.oci.image";
  const manifest = (layers: object[]): { digest: string; size: number } => {
    const config = { mediaType: `${type}.config.v1+json`, ...blob("{}") };
    return blob(JSON.stringify({ schemaVersion: 2, config, layers }));
  };
  const image = manifest([
    { mediaType: "application/vnd.sylabs.image.layer.v1.squashfs", ...blob("hsqs") },
  ]);
  const critical = {
    identity: { "docker-reference": "" },
    image: { "docker-manifest-digest": image.digest },
    type: "cosign container image signature",
  };
  const payload = JSON.stringify({ critical, optional: null });
  const signature = sign("sha256", Buffer.from(payload), privateKey).toString("base64");
  const cosign = manifest([
    {
      mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
      annotations: { "dev.cosignproject.cosign/signature": signature },
      ...blob(payload),
    },
  ]);
  const mediaType = `${type}.manifest.v1+json`;
  const refName = `_cosign:${image.digest.replace(":", "-")}.sig`;
  const manifests = [
    { mediaType, ...image },
    { mediaType, ...cosign, annotations: { "org.opencontainers.image.ref.name": refName } },
  ];
  const store = memorySifStore();
  await createSif(store, { deterministic: true, objects, capacity: objects.length + 2 });
  await addObject(store, {
    dataType: 0x400a,
    data: encode(JSON.stringify({ schemaVersion: 2, manifests })),
  });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await signSif(store, { keys: [await readSigningKey(pem)] });
  const keys = [publicKey.export({ type: "spki", format: "pem" }).toString()];
  return signedCase("an oci-sif with cosign and sif signatures", {
    image: store.bytes(),
    verifications: [{ keys }, {}],
    verdicts: ["OK", "key-material-missing"],
  });
}
