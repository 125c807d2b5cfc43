import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { DerTag, encodeDer } from "../src/keys/der.js";

/** A certificate made for a test, with its private key. */
export interface TestCertificate {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly name: string;
}

/** Options of {@link makeCertificate}. */
export interface TestCertificateOptions {
  readonly name: string;
  /** The certificate that signs this one. Default: itself. */
  readonly issuer?: TestCertificate;
  readonly notBefore?: string;
  /** `YYMMDDHHMMSSZ` */
  readonly notAfter?: string;
  /** Path length of an authority; `null` for any. Default: not an authority. */
  readonly authority?: number | null;
  /** First byte of the key usage bits. */
  readonly keyUsage?: number;
  /** Object identifiers, encoded. Default: code signing. */
  readonly extendedKeyUsage?: Uint8Array[] | null;
  /** Encoded identifiers of critical extensions. */
  readonly critical?: Uint8Array[];
  readonly keyType?: "ec" | "ed25519" | "rsa";
}

const oid = (...bytes: number[]) => encodeDer(DerTag.oid, Uint8Array.from(bytes));
/** The extended key usage `codeSigning`. */
export const CODE_SIGNING = oid(0x2b, 6, 1, 5, 5, 7, 3, 3);
/** The extended key usage `serverAuth`. */
export const SERVER_AUTH = oid(0x2b, 6, 1, 5, 5, 7, 3, 1);
/** The extension `nameConstraints`. */
export const NAME_CONSTRAINTS = oid(0x55, 0x1d, 30);
/** An unknown extension. */
export const UNKNOWN_EXTENSION = oid(0x2a, 3, 4);

const text = (value: string) => new TextEncoder().encode(value);
const time = (value: string) => encodeDer(DerTag.utcTime, text(value));
const sequence = (...parts: Uint8Array[]) => encodeDer(DerTag.sequence, ...parts);

const ALGORITHMS = {
  ec: oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2),
  ed25519: oid(0x2b, 0x65, 0x70),
  rsa: oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b),
};

/** Creates a certificate, written in DER by hand. */
export function makeCertificate(options: TestCertificateOptions): TestCertificate {
  const { publicKey, privateKey } = keyPair(options.keyType ?? "ec");
  const signer = options.issuer ?? { privateKey, name: options.name };
  const signerType = keyTypeOf(signer.privateKey);
  const algorithm = sequence(ALGORITHMS[signerType]);
  const signedPart = sequence(
    encodeDer(0xa0, encodeDer(DerTag.integer, Uint8Array.of(2))),
    encodeDer(DerTag.integer, Uint8Array.of(1)),
    algorithm,
    nameOf(signer.name),
    sequence(time(options.notBefore ?? "200101000000Z"), time(options.notAfter ?? "491231235959Z")),
    nameOf(options.name),
    publicKey.export({ type: "spki", format: "der" }),
    encodeDer(0xa3, sequence(...extensionsOf(options))),
  );
  const hash = signerType === "ed25519" ? null : "sha256";
  const signature = sign(hash, signedPart, signer.privateKey);
  const bits = encodeDer(DerTag.bitString, Uint8Array.of(0), signature);
  const base64 = Buffer.from(sequence(signedPart, algorithm, bits)).toString("base64");
  const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  return { pem, privateKey, name: options.name };
}

function keyPair(type: "ec" | "ed25519" | "rsa") {
  if (type === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return type === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ed25519");
}

function nameOf(name: string): Uint8Array {
  const attribute = sequence(oid(0x55, 4, 3), encodeDer(0x0c, text(name)));
  return sequence(encodeDer(0x31, attribute));
}

function extensionsOf(options: TestCertificateOptions): Uint8Array[] {
  const { authority, keyUsage, extendedKeyUsage = [CODE_SIGNING], critical = [] } = options;
  const yes = encodeDer(DerTag.boolean, Uint8Array.of(0xff));
  const extension = (id: Uint8Array, value: Uint8Array) =>
    sequence(id, yes, encodeDer(DerTag.octetString, value));
  const extensions = critical.map((id) => extension(id, new Uint8Array()));
  if (authority !== undefined) {
    const length = authority === null ? [] : [encodeDer(DerTag.integer, Uint8Array.of(authority))];
    extensions.push(extension(oid(0x55, 0x1d, 19), sequence(yes, ...length)));
  }
  if (keyUsage !== undefined) {
    const bits = encodeDer(DerTag.bitString, Uint8Array.of(0, keyUsage));
    extensions.push(extension(oid(0x55, 0x1d, 15), bits));
  }
  if (extendedKeyUsage !== null) {
    extensions.push(extension(oid(0x55, 0x1d, 37), sequence(...extendedKeyUsage)));
  }
  return extensions;
}

function keyTypeOf({ asymmetricKeyType }: KeyObject): keyof typeof ALGORITHMS {
  if (asymmetricKeyType === "ed25519" || asymmetricKeyType === "rsa") return asymmetricKeyType;
  return "ec";
}
