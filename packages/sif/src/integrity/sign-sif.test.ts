import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { buildSif, type BuildSifOptions } from "@sifshelf/testing";
import { generateKey } from "openpgp";
import { beforeAll, describe, expect, it } from "vitest";
import { readPgpKeys } from "../pgp/pgp-keyring.js";
import { readPgpSigningKey } from "../pgp/pgp-signing-key.js";
import { readSif } from "../format/read-sif.js";
import { objectById } from "../../testing/object-by-id.js";
import { addObject, deleteObjects } from "../write/edit-sif.js";
import { memorySifStore } from "../write/sif-store.js";
import { readPublicKeys } from "../keys/dsse-verifier.js";
import { readSigningKey } from "../keys/dsse-signer.js";
import { signSif } from "./sign-sif.js";
import { verifySif } from "./verify-sif.js";

const storeOf = (options: BuildSifOptions = {}) => memorySifStore(buildSif(options));
const pem = (key: KeyObject, type: "spki" | "pkcs8" | "pkcs1" | "sec1") =>
  key.export({ type, format: "pem" } as { type: "pkcs8"; format: "pem" }).toString();

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed25519 = generateKeyPairSync("ed25519");
const ecdsa = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const p256 = ecdsa("P-256");

const groups: BuildSifOptions = {
  objects: [
    { dataType: 0x4001, data: Buffer.from("recipe") },
    { dataType: 0x4007, data: Buffer.from("two"), group: 2 },
    { dataType: 0x4007, data: Buffer.from("three"), group: 2 },
  ],
};

describe("signSif with keys in PEM", () => {
  const kinds: [string, { publicKey: KeyObject; privateKey: KeyObject }][] = [
    ["Ed25519", ed25519],
    ["RSA", rsa],
    ["ECDSA P-256", p256],
    ["ECDSA P-384", ecdsa("P-384")],
    ["ECDSA P-521", ecdsa("P-521")],
  ];

  it.each(kinds)("makes signatures by %s that verify", async (_name, { publicKey, privateKey }) => {
    const store = storeOf();
    const image = await signSif(store, { keys: [await readSigningKey(pem(privateKey, "pkcs8"))] });
    const keys = await readPublicKeys(pem(publicKey, "spki"));
    const verified = await verifySif(image, { keys });
    expect(verified).toMatchObject({
      objects: [1, 2, 3],
      signatures: [
        { signatureId: 4, kind: "dsse", group: 1, signer: { keyIds: [keys[0]?.keyId] } },
      ],
    });
    expect(objectById(image, 4)).toMatchObject({
      group: null,
      link: { kind: "group", id: 1 },
      name: "",
      metadata: { hashTypeName: "SHA-256", fingerprint: null },
    });
  });

  it("accepts private keys in the older PEM forms", async () => {
    const signers = [
      await readSigningKey(pem(rsa.privateKey, "pkcs1")),
      await readSigningKey(pem(p256.privateKey, "sec1")),
    ];
    const image = await signSif(storeOf(), { keys: signers });
    for (const key of [pem(rsa.publicKey, "pkcs1"), pem(p256.publicKey, "spki")]) {
      const keys = await readPublicKeys(key);
      expect((await verifySif(image, { keys })).objects).toEqual([1, 2, 3]);
    }
  });

  it("signs each group apart by default", async () => {
    const keys = { keys: [await readSigningKey(pem(ed25519.privateKey, "pkcs8"))] };
    const image = await signSif(storeOf(groups), keys, { digestAlgorithm: "sha512_256" });
    const trusted = { keys: await readPublicKeys(pem(ed25519.publicKey, "spki")) };
    const { signatures } = await verifySif(image, trusted);
    expect(signatures.map(({ group, objects }) => [group, objects])).toEqual([
      [1, [1]],
      [2, [2, 3]],
    ]);
  });

  it("signs the named objects of a group only", async () => {
    const keys = { keys: [await readSigningKey(pem(ed25519.privateKey, "pkcs8"))] };
    const image = await signSif(storeOf(groups), keys, { objects: [3] });
    const trusted = { keys: await readPublicKeys(pem(ed25519.publicKey, "spki")) };
    expect((await verifySif(image, { ...trusted, objects: [3] })).objects).toEqual([3]);
    await expect(verifySif(image, { ...trusted, objects: [2] })).rejects.toMatchObject({
      code: "object-not-signed",
      objectId: 2,
    });
    await expect(verifySif(image, { ...trusted, groups: [2] })).rejects.toMatchObject({
      code: "object-not-signed",
    });
  });

  it("keeps signatures valid when the lowest object was deleted before", async () => {
    const store = storeOf();
    await deleteObjects(store, ({ id }) => id === 1);
    const image = await signSif(store, {
      keys: [await readSigningKey(pem(ed25519.privateKey, "pkcs8"))],
    });
    const keys = await readPublicKeys(pem(ed25519.publicKey, "spki"));
    // The signature took the free id 1; it is in no group and so changes no relative id.
    expect((await verifySif(image, { keys })).objects).toEqual([2, 3]);
  });

  it.each([
    ["nothing-to-sign", { objects: [] }, {}],
    ["object-not-found", {}, { groups: [7] }],
    ["object-not-found", {}, { objects: [9] }],
    ["nothing-to-sign", { signed: true }, { objects: [4] }],
    ["capacity-exhausted", { capacity: 3 }, {}],
  ] as const)("rejects with %s and writes nothing: %j %j", async (code, image, options) => {
    const store = storeOf(image);
    const before = store.bytes();
    const keys = [await readSigningKey(pem(ed25519.privateKey, "pkcs8"))];
    await expect(signSif(store, { keys }, options)).rejects.toMatchObject({ code });
    expect(store.bytes()).toEqual(before);
  });

  it("rejects when no key is given", async () => {
    await expect(signSif(storeOf(), { keys: [] })).rejects.toMatchObject({
      code: "key-material-missing",
    });
  });
});

describe("readSigningKey", () => {
  it.each([
    ["key-malformed", ""],
    ["key-malformed", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"],
    ["key-malformed", "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----"],
    [
      "key-locked",
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
    ],
  ])("rejects with %s: %j", async (code, text) => {
    await expect(readSigningKey(text)).rejects.toMatchObject({ code });
  });

  it("rejects RSA keys of 1024 bits and keys of other kinds", async () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    await expect(readSigningKey(pem(weak.privateKey, "pkcs8"))).rejects.toMatchObject({
      code: "key-weak",
    });
    await expect(readPublicKeys(pem(weak.publicKey, "spki"))).rejects.toMatchObject({
      code: "key-weak",
    });
    const other = generateKeyPairSync("x25519");
    await expect(readSigningKey(pem(other.privateKey, "pkcs8"))).rejects.toMatchObject({
      code: "key-unsupported",
    });
    const curve = ecdsa("secp256k1");
    await expect(readPublicKeys(pem(curve.publicKey, "spki"))).rejects.toMatchObject({
      code: "key-unsupported",
    });
  });
});

describe("signSif with PGP keys", () => {
  let alice: { privateKey: string; publicKey: string };
  let bob: { privateKey: string; publicKey: string };
  beforeAll(async () => {
    alice = await generateKey({ userIDs: [{ name: "Alice" }] });
    bob = await generateKey({ userIDs: [{ name: "Bob" }] });
  });

  it("makes clear-signed messages that verify and name the key", async () => {
    const key = await readPgpSigningKey(alice.privateKey);
    const image = await signSif(storeOf(), { pgp: key });
    expect(objectById(image, 4).metadata).toMatchObject({
      fingerprint: key.fingerprint,
      // What keys made by openpgp prefer.
      hashTypeName: "SHA-512",
    });
    const pgp = await readPgpKeys([alice.publicKey]);
    expect(await verifySif(image, { pgp })).toMatchObject({
      objects: [1, 2, 3],
      signatures: [{ kind: "pgp", signer: { fingerprint: key.fingerprint, userIds: ["Alice"] } }],
    });
  });

  it("lets several parties sign, all of whose keys are then needed", async () => {
    const store = storeOf();
    await signSif(store, { pgp: await readPgpSigningKey(alice.privateKey) });
    const image = await signSif(store, { pgp: await readPgpSigningKey(bob.privateKey) });
    const both = await readPgpKeys([alice.publicKey + bob.publicKey]);
    expect((await verifySif(image, { pgp: both })).signatures).toHaveLength(2);
    const one = await readPgpKeys([alice.publicKey]);
    await expect(verifySif(image, { pgp: one })).rejects.toMatchObject({
      code: "unknown-issuer",
      signatureId: 5,
    });
  });

  it("gives the same bytes for the same key and time when it is deterministic", async () => {
    const key = await readPgpSigningKey(alice.privateKey, { deterministic: true });
    const sign = async () => {
      const store = storeOf();
      await signSif(store, { pgp: key }, { time });
      return store.bytes();
    };
    const time = new Date(Date.now() + 1000);
    expect(await sign()).toEqual(await sign());
  });

  it("needs the passphrase of a protected key", async () => {
    const locked = await generateKey({ userIDs: [{ name: "C" }], passphrase: "secret" });
    for (const options of [{}, { passphrase: "wrong" }]) {
      await expect(readPgpSigningKey(locked.privateKey, options)).rejects.toMatchObject({
        code: "key-locked",
      });
    }
    const key = await readPgpSigningKey(locked.privateKey, { passphrase: "secret" });
    expect((await signSif(storeOf(), { pgp: key })).descriptors).toHaveLength(4);
  });

  it("rejects a key that has expired", async () => {
    const date = new Date(Date.now() - 1_000_000);
    const { privateKey } = await generateKey({
      userIDs: [{ name: "D" }],
      date,
      keyExpirationTime: 10,
    });
    const pgp = await readPgpSigningKey(privateKey);
    await expect(signSif(storeOf(), { pgp })).rejects.toMatchObject({ code: "key-expired" });
  });

  it.each([
    "",
    "not a key",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----",
  ])("rejects as key: %j", async (text) => {
    await expect(readPgpKeys([text])).rejects.toMatchObject({ code: "key-malformed" });
    await expect(readPgpSigningKey(text)).rejects.toMatchObject({ code: "key-malformed" });
  });

  it("rejects a public key for signing", async () => {
    await expect(readPgpSigningKey(alice.publicKey)).rejects.toMatchObject({
      code: "key-malformed",
    });
  });
});

describe("signSif", () => {
  it("covers nothing that is added later", async () => {
    const store = storeOf();
    await signSif(store, { keys: [await readSigningKey(pem(ed25519.privateKey, "pkcs8"))] });
    await addObject(store, { dataType: 0x4007, data: new Uint8Array([1]) });
    const keys = await readPublicKeys(pem(ed25519.publicKey, "spki"));
    await expect(verifySif(await readSif(store), { keys })).rejects.toMatchObject({
      code: "object-not-signed",
      objectId: 5,
    });
  });
});
