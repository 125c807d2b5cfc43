import { generateKeyPairSync } from "node:crypto";
import { buildSif, type SifObjectSpec } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { MAX_SIGNATURES, MAX_SIGNATURES_BYTES } from "./signature-object.js";
import { readSif, type SifImage } from "../format/read-sif.js";
import { memorySifStore } from "../write/sif-store.js";
import { formatDsseEnvelope, preAuthEncoding } from "./dsse-envelope.js";
import { type DsseVerifier, readPublicKeys } from "../keys/dsse-verifier.js";
import { readSigningKey } from "../keys/dsse-signer.js";
import { isSifIntegrityError } from "./integrity-error.js";
import { signSif } from "./sign-sif.js";
import { verifySif, type VerifySifOptions } from "./verify-sif.js";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signer = readSigningKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
const verifiers = readPublicKeys(publicKey.export({ type: "spki", format: "pem" }).toString());

const imageOf = (objects: readonly SifObjectSpec[], capacity = 48): Promise<SifImage> =>
  readSif(memoryByteSource(buildSif({ objects, capacity })));

const RECIPE: SifObjectSpec = { dataType: 0x4001, data: Buffer.from("recipe") };
const extra = Uint8Array.of(1, 0, 0, 0);
const signatureObject = (data: string, more: Partial<SifObjectSpec> = {}): SifObjectSpec => ({
  dataType: 0x4005,
  data: Buffer.from(data),
  group: 0,
  link: 0xf000_0001,
  extra,
  ...more,
});

async function codeOf(image: SifImage, options: VerifySifOptions = {}): Promise<string> {
  try {
    await verifySif(image, { keys: await verifiers, ...options });
    return "ok";
  } catch (error) {
    if (isSifIntegrityError(error)) return error.code;
    throw error;
  }
}

/** Returns the text that a signature of the image would carry. */
async function signedTextOf(objects: readonly SifObjectSpec[]): Promise<string> {
  const store = memorySifStore(buildSif({ objects }));
  const image = await signSif(store, { keys: [await signer] });
  const { offset, size } = image.descriptors.at(-1) ?? { offset: 0, size: 0 };
  const envelope: { payload: string } = JSON.parse(
    Buffer.from(await image.source.read(offset, size)).toString(),
  );
  return Buffer.from(envelope.payload, "base64").toString();
}

async function envelopeOf(text: string): Promise<string> {
  const payload = new TextEncoder().encode(text);
  const key = await signer;
  const { keyId } = key;
  const signature = await key.sign(preAuthEncoding(payload));
  return formatDsseEnvelope({ payload, entries: [{ keyId, signature }] });
}

describe("verifySif", () => {
  it("accepts an envelope that was put together by hand", async () => {
    const envelope = await envelopeOf(await signedTextOf([RECIPE]));
    expect(await codeOf(await imageOf([RECIPE, signatureObject(envelope)]))).toBe("ok");
  });

  describe("when there is nothing that could verify", () => {
    it.each<[string, SifObjectSpec[], VerifySifOptions]>([
      ["no-objects", [], {}],
      ["no-groups", [signatureObject("x")], {}],
      ["group-not-found", [RECIPE], { groups: [2] }],
      ["group-not-found", [RECIPE], { groups: [0] }],
      ["object-not-found", [RECIPE], { objects: [2] }],
      ["object-not-found", [RECIPE], { objects: [0] }],
      ["signature-not-associated", [RECIPE, { ...RECIPE, group: 0 }], {}],
      ["signature-not-found", [RECIPE], {}],
      ["signature-not-found", [RECIPE, signatureObject("x", { link: 0 })], {}],
      ["signature-not-found", [RECIPE, signatureObject("x", { link: 1 })], {}],
      ["signature-not-found", [RECIPE, signatureObject("x")], { mode: "legacy" }],
      ["signature-not-found", [RECIPE], { mode: "legacy-all" }],
    ])("rejects with %s", async (code, objects, options) => {
      expect(await codeOf(await imageOf(objects), options)).toBe(code);
    });
  });

  describe("when the envelope is not what it should be", () => {
    const cases: [string, string, (envelope: string) => string][] = [
      ["signature-unrecognized", "empty", () => ""],
      ["signature-unrecognized", "of another payload type", (e) => e.replace("sif-meta", "xyz")],
      [
        "signature-unrecognized",
        "with a key in other case",
        (e) => e.replace("payloadT", "PayloadT"),
      ],
      [
        "signature-invalid",
        "with a payload type twice",
        (e) => e.replace("{", '{"payloadType":"x",'),
      ],
      ["signature-invalid", "followed by data", (e) => `${e}{}`],
      ["signature-invalid", "with text that is not UTF-8", (e) => e.replace("SHA256:", "\ufffd")],
      ["signature-unrecognized", "cut off", (e) => e.slice(0, -1)],
      ["signature-unrecognized", "after other data", (e) => `x${e}`],
      [
        "signature-invalid",
        "with a payload that is no base64",
        (e) => e.replace('"payload":"', '"payload":"!'),
      ],
      ["signature-invalid", "with unpadded base64", (e) => e.replace('=="', '"')],
      [
        "signature-invalid",
        "without signatures",
        (e) => e.replace(/"signatures":.*/, '"signatures":[]}'),
      ],
      [
        "signature-invalid",
        "with a signature by another key id",
        (e) => e.replace("SHA256:", "SHA256:x"),
      ],
      [
        "signature-invalid",
        "with a signature that is no object",
        (e) => e.replace(/"signatures":.*/, '"signatures":[1]}'),
      ],
      [
        "signature-invalid",
        "with another payload",
        (e) => e.replace('"payload":"e', '"payload":"f'),
      ],
    ];
    it.each(cases)("rejects with %s an envelope %s", async (code, _what, edit) => {
      const envelope = await envelopeOf(await signedTextOf([RECIPE]));
      expect(edit(envelope)).not.toBe(envelope);
      expect(await codeOf(await imageOf([RECIPE, signatureObject(edit(envelope))]))).toBe(code);
    });

    it("accepts URL-safe base64, an entry without key id, and entries by unknown keys", async () => {
      const text = await signedTextOf([RECIPE]);
      const envelope: { payload: string; signatures: { keyid?: string; sig: string }[] } =
        JSON.parse(await envelopeOf(text));
      const [entry] = envelope.signatures;
      const sig = (entry?.sig ?? "").replaceAll("+", "-").replaceAll("/", "_");
      envelope.signatures = [{ keyid: "SHA256:unknown", sig: "AAAA" }, { sig }];
      const data = `${JSON.stringify(envelope)}\n`;
      expect(await codeOf(await imageOf([RECIPE, signatureObject(data)]))).toBe("ok");
    });
  });

  describe("when what was signed is not what is there", () => {
    const cases: [string, (text: string) => string][] = [
      ["header-integrity", (text) => text.replace(/("header":\{"digest":"sha256:)../, "$100")],
      ["descriptor-integrity", (text) => text.replace(/("descriptorDigest":"sha256:)../, "$100")],
      ["object-integrity", (text) => text.replace(/("objectDigest":"sha256:)../, "$100")],
      ["hash-unsupported", (text) => text.replace("sha256", "sha1")],
      ["object-not-signed", (text) => text.replace('"relativeId":0', '"relativeId":1')],
      ["object-not-signed", (text) => text.replace(/"objects":.*/, '"objects":[]}')],
      ["signature-invalid", (text) => text.replace('"version":1', '"version":2')],
      ["signature-invalid", () => "SIFHASH:\nab"],
      ["signature-invalid", () => ""],
    ];
    it.each(cases)("rejects with %s", async (code, edit) => {
      const text = await signedTextOf([RECIPE]);
      expect(edit(text)).not.toBe(text);
      const envelope = await envelopeOf(edit(text));
      expect(await codeOf(await imageOf([RECIPE, signatureObject(envelope)]))).toBe(code);
    });

    it("rejects a signature over an object that is gone", async () => {
      const envelope = await envelopeOf(await signedTextOf([RECIPE, RECIPE]));
      const image = await imageOf([RECIPE, signatureObject(envelope)]);
      expect(await codeOf(image)).toBe("signed-object-not-found");
      expect(await codeOf(image, { objects: [1] })).toBe("ok");
    });
  });

  describe("when a signature object's descriptor is odd", () => {
    it.each([0, 4, 5, 6, 255])("rejects the hash type %i", async (hashType) => {
      const envelope = await envelopeOf(await signedTextOf([RECIPE]));
      const object = signatureObject(envelope, { extra: Uint8Array.of(hashType, 0, 0, 0) });
      expect(await codeOf(await imageOf([RECIPE, object]))).toBe("hash-unsupported");
    });
  });

  it("rejects when no key of the signature's kind is given", async () => {
    const envelope = await envelopeOf(await signedTextOf([RECIPE]));
    const image = await imageOf([RECIPE, signatureObject(envelope)]);
    expect(await codeOf(image, { keys: [] })).toBe("key-material-missing");
  });

  it("rejects when one of two signatures is not valid", async () => {
    const envelope = await envelopeOf(await signedTextOf([RECIPE]));
    const bad = signatureObject("garbage");
    const image = await imageOf([RECIPE, signatureObject(envelope), bad]);
    await expect(verifySif(image, { keys: await verifiers })).rejects.toMatchObject({
      code: "signature-unrecognized",
      signatureId: 3,
      groupId: 1,
    });
  });

  it("rejects more signatures than anyone needs", async () => {
    const objects = [
      RECIPE,
      ...Array<SifObjectSpec>(MAX_SIGNATURES + 1).fill(signatureObject("x")),
    ];
    expect(await codeOf(await imageOf(objects, objects.length))).toBe("too-many-signatures");
  });

  it("rejects more bytes of signatures than anyone needs", async () => {
    const large = signatureObject("x".repeat(MAX_SIGNATURES_BYTES / 2 + 1));
    expect(await codeOf(await imageOf([RECIPE, large, large]))).toBe("too-many-signatures");
  });

  it("passes on what a key throws that is no verdict", async () => {
    const envelope = await envelopeOf(await signedTextOf([RECIPE]));
    const image = await imageOf([RECIPE, signatureObject(envelope)]);
    const failure = new Error("the platform failed");
    const [key] = await verifiers;
    const failing: DsseVerifier = {
      keyId: key?.keyId ?? "",
      algorithm: "Ed25519",
      verify: () => Promise.reject(failure),
    };
    await expect(verifySif(image, { keys: [failing] })).rejects.toBe(failure);
  });

  it("rejects with the reason of an aborted signal", async () => {
    const reason = new Error("stopped");
    const image = await imageOf([RECIPE, signatureObject("x")]);
    const verifying = verifySif(image, { signal: AbortSignal.abort(reason) });
    await expect(verifying).rejects.toBe(reason);
  });
});
