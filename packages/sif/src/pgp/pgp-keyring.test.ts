import { buildSif } from "@sifshelf/testing";
import {
  type Config,
  config,
  createCleartextMessage,
  enums,
  generateKey,
  LiteralDataPacket,
  PacketList,
  type PrivateKey,
  revokeKey,
  sign,
  Signature,
  SignaturePacket,
} from "openpgp";
import { describe, expect, it } from "vitest";
import { type ClearSignedMessage, decodeClearSigned } from "../integrity/clear-sign.js";
import { isSifIntegrityError } from "../integrity/integrity-error.js";
import { signSif } from "../integrity/sign-sif.js";
import { verifySif } from "../integrity/verify-sif.js";
import { memorySifStore } from "../write/sif-store.js";
import { readPgpKeys } from "./pgp-keyring.js";
import { readPgpSigningKey } from "./pgp-signing-key.js";

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

interface Options {
  readonly type?: "ecc" | "rsa";
  readonly curve?: "nistP384";
  readonly rsaBits?: number;
  readonly date?: Date;
  readonly keyExpirationTime?: number;
  readonly subkeys?: { sign: boolean }[];
}

async function makeKey(options: Options = {}): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    ...options,
    userIDs: [{ name: "Test" }],
    format: "object",
  });
  return privateKey;
}

async function clearSign(
  signingKeys: PrivateKey | PrivateKey[],
  options: { date?: Date; config?: Partial<Config> } = {},
): Promise<ClearSignedMessage> {
  const text = "the text";
  const message = await createCleartextMessage({ text });
  const signed = await sign({ message, signingKeys, ...options });
  return decodeClearSigned(signed) ?? { text: "", signature: "", isSurrounded: false };
}

const ring = (...keys: PrivateKey[]) => readPgpKeys(keys.map((key) => key.toPublic().armor()));

async function codeOf(
  keys: PrivateKey[],
  message: ClearSignedMessage,
  at: Date = new Date(Date.now() + 1000),
): Promise<string> {
  try {
    await (await ring(...keys)).verify(message, at);
    return "ok";
  } catch (error) {
    if (isSifIntegrityError(error)) return error.code;
    throw error;
  }
}

describe("readPgpKeys", () => {
  it.each<[string, Options]>([
    ["Ed25519", {}],
    ["ECDSA on P-384", { type: "ecc", curve: "nistP384" }],
    ["RSA", { type: "rsa", rsaBits: 2048 }],
  ])("verifies signatures by %s keys and tells who signed", async (_name, options) => {
    const key = await makeKey(options);
    const signer = await (await ring(key)).verify(await clearSign(key), daysAgo(-1));
    expect(signer).toEqual({
      fingerprint: key.getFingerprint(),
      keyId: key.getKeyID().toHex(),
      userIds: ["Test"],
    });
  });

  it("names the primary key when a subkey signed", async () => {
    const key = await makeKey({ subkeys: [{ sign: true }] });
    const signer = await (await ring(key)).verify(await clearSign(key), daysAgo(-1));
    expect(signer.fingerprint).toBe(key.getFingerprint());
    expect(signer.keyId).not.toBe(key.getKeyID().toHex());
    const store = memorySifStore(buildSif());
    const image = await signSif(store, { pgp: await readPgpSigningKey(key.armor()) });
    expect((await verifySif(image, { pgp: await ring(key) })).objects).toEqual([1, 2, 3]);
  });

  it("reads binary keys and several blocks of armor", async () => {
    const [one, two] = [await makeKey(), await makeKey()];
    const keyring = await readPgpKeys([one.toPublic().write(), `x\n${two.toPublic().armor()}\n`]);
    for (const key of [one, two]) {
      await expect(keyring.verify(await clearSign(key), daysAgo(-1))).resolves.toBeDefined();
    }
  });

  it("rejects a changed text and a signature by an unknown key", async () => {
    const [key, other] = [await makeKey(), await makeKey()];
    const message = await clearSign(key);
    expect(await codeOf([key], { ...message, text: "another text" })).toBe("signature-invalid");
    expect(await codeOf([other], message)).toBe("unknown-issuer");
    expect(await codeOf([], message)).toBe("unknown-issuer");
  });

  it("lets the first signature by a known key decide", async () => {
    const [one, two] = [await makeKey(), await makeKey()];
    const message = await clearSign([one, two]);
    expect(await codeOf([two], message)).toBe("ok");
    expect(await codeOf([one, two], message)).toBe("ok");
  });

  it.each([enums.hash.sha1, enums.hash.ripemd, enums.hash.sha3_256])(
    "rejects a signature by hash %i, which is not on the list",
    async (hashAlgorithm) => {
      const key = await makeKey({ type: "rsa", rsaBits: 2048 });
      const literal = new LiteralDataPacket();
      literal["setText"]("the text");
      const type = { signatureType: enums.signature.text, hashAlgorithm };
      const signature = await signPacket(key, type, literal);
      const message = { text: "the text", signature, isSurrounded: false };
      expect(await codeOf([key], message)).toBe("hash-unsupported");
    },
  );

  it.each([enums.signature.standalone, enums.signature.timestamp, enums.signature.key])(
    "rejects a signature of type %i, which is not made over the text",
    async (signatureType) => {
      const key = await makeKey();
      const type = { signatureType, hashAlgorithm: enums.hash.sha512 };
      const signature = await signPacket(key, type, { key: key.keyPacket });
      const message = { text: "anything at all", signature, isSurrounded: false };
      expect(await codeOf([key], message)).toBe("signature-invalid");
    },
  );

  it("rejects a key that has expired since it signed", async () => {
    const date = daysAgo(10);
    const key = await makeKey({ date, keyExpirationTime: (5 * DAY_MS) / 1000 });
    const message = await clearSign(key, { date: daysAgo(8) });
    expect(await codeOf([key], message, daysAgo(7))).toBe("ok");
    expect(await codeOf([key], message)).toBe("key-expired");
  });

  it("rejects a key that was revoked since it signed", async () => {
    const key = await makeKey();
    const message = await clearSign(key);
    const { privateKey } = await revokeKey({ key, format: "object" });
    expect(await codeOf([privateKey], message)).toBe("signature-invalid");
  });

  it("rejects a signature of the future", async () => {
    const key = await makeKey();
    const message = await clearSign(key, { date: daysAgo(-2) });
    expect(await codeOf([key], message)).toBe("signature-invalid");
    expect(await codeOf([key], message, daysAgo(-3))).toBe("ok");
  });

  it.each(["", "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"])(
    "rejects as signature: %j",
    async (signature) => {
      const key = await makeKey();
      const code = await codeOf([key], { text: "x", signature, isSurrounded: false });
      expect(code).toMatch(/^(signature-invalid|unknown-issuer)$/);
    },
  );
});

/** Signs with a hash or of a type that openpgp itself would not. */
async function signPacket(
  key: PrivateKey,
  type: { signatureType: enums.signature; hashAlgorithm: enums.hash },
  data: object,
): Promise<string> {
  const packet = new SignaturePacket();
  const publicKeyAlgorithm = key.keyPacket.algorithm;
  Object.assign(packet, { ...type, publicKeyAlgorithm, rawNotations: [] });
  // The types of openpgp leave out the last parameter.
  const method: unknown = Reflect.get(packet, "sign");
  if (typeof method !== "function") throw new TypeError("openpgp has no such method");
  const unsalted = { ...config, nonDeterministicSignaturesViaNotation: false };
  await Reflect.apply(method, packet, [key.keyPacket, data, new Date(), true, unsalted]);
  const packets = new PacketList<SignaturePacket>();
  packets.push(packet);
  return new Signature(packets).armor();
}
