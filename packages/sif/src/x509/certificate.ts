import {
  childrenOf,
  contentOf,
  DerError,
  type DerElement,
  DerTag,
  bitStringOf,
  oidOf,
  parseDer,
  parseDerSequence,
} from "../keys/der.js";
import { KeyError } from "../keys/key-error.js";
import { parsePem } from "../keys/der.js";
import { decodeText, toHex } from "../bytes/text.js";

/** The parts of an X.509 certificate (RFC 5280) that a chain check needs. */
export interface Certificate {
  /** The whole certificate in DER. */
  readonly bytes: Uint8Array;
  /** The signed bytes. */
  readonly signedPart: Uint8Array;
  /** Object identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Distinguished names: their DER in hex, so equal strings are equal names. */
  readonly issuer: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The `SubjectPublicKeyInfo` in DER. */
  readonly spki: Uint8Array;
  readonly extensions: CertificateExtensions;
}

/** What a certificate's extensions say. */
export interface CertificateExtensions {
  readonly isAuthority: boolean;
  /** Most intermediate certificates that may follow, or `null` for any number. */
  readonly maxPathLength: number | null;
  /** Numbers of the bits that are set, or `null` if the extension is absent. */
  readonly keyUsage: ReadonlySet<number> | null;
  /** Object identifiers, or `null` if the extension is absent. */
  readonly extendedKeyUsage: ReadonlySet<string> | null;
  /** Object identifiers of extensions that restrict the certificate in ways not evaluated here. */
  readonly unhandled: readonly string[];
}

/**
 * Returns the certificates in PEM text, in order.
 *
 * @throws {KeyError} `certificate-malformed`, also if there is none
 */
export function readCertificates(pem: string): Certificate[] {
  const blocks = parsePem(pem).filter(({ label }) => label === "CERTIFICATE");
  if (blocks.length === 0) {
    throw new KeyError("certificate-malformed", "the text has no PEM block CERTIFICATE");
  }
  return blocks.map(({ bytes }) => parseCertificate(bytes));
}

/**
 * Parses a certificate.
 *
 * @throws {KeyError} `certificate-malformed`
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  try {
    return parseParts(bytes);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new KeyError("certificate-malformed", "the certificate is malformed", { cause: error });
  }
}

const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;

function parseParts(bytes: Uint8Array): Certificate {
  const [signedPart, algorithm, signature] = parseDerSequence(bytes);
  const fields = childrenOf(signedPart);
  if (fields[0]?.tag === VERSION_TAG) fields.shift();
  const [, innerAlgorithm, issuer, validity, subject, spki, ...optional] = fields;
  if (algorithm === undefined || hexOf(algorithm) !== hexOf(innerAlgorithm)) {
    throw new DerError("the signature algorithms inside and outside the signed part differ");
  }
  const [notBefore, notAfter] = childrenOf(validity).map(timeOf);
  if (signedPart === undefined || spki === undefined) throw new DerError("parts are missing");
  if (notBefore === undefined || notAfter === undefined) throw new DerError("times are missing");
  return {
    bytes,
    signedPart: signedPart.bytes,
    signatureAlgorithm: oidOf(childrenOf(algorithm)[0]),
    signature: bitStringOf(signature),
    issuer: hexOf(issuer),
    subject: hexOf(subject),
    notBefore,
    notAfter,
    spki: spki.bytes,
    extensions: parseExtensions(optional.find(({ tag }) => tag === EXTENSIONS_TAG)),
  };
}

function hexOf(element: DerElement | undefined): string {
  if (element === undefined) throw new DerError("a part is missing");
  return toHex(element.bytes);
}

// UTCTime has a two-digit year, from 1950 to 2049. Both kinds of time end in Z (RFC 5280 section
// 4.1.2.5).
function timeOf({ tag, content }: DerElement): Date {
  const text = decodeText(content);
  const century = Number(text.slice(0, 2)) < 50 ? "20" : "19";
  const full = tag === DerTag.utcTime ? `${century}${text}` : text;
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  const isTime = tag === DerTag.utcTime || tag === DerTag.generalizedTime;
  if (digits === null || !isTime) throw new DerError("a time is malformed");
  const [, year, month, day, hour, minute, second] = digits;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) throw new DerError("a time is not valid");
  return date;
}

const OID_KEY_USAGE = "2.5.29.15";
const OID_BASIC_CONSTRAINTS = "2.5.29.19";
const OID_NAME_CONSTRAINTS = "2.5.29.30";
const OID_EXTENDED_KEY_USAGE = "2.5.29.37";

// Key identifiers, alternative names and policies: critical or not, they restrict nothing here.
const HARMLESS = new Set(["2.5.29.14", "2.5.29.35", "2.5.29.17", "2.5.29.32"]);

interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

function parseExtensions(element: DerElement | undefined): CertificateExtensions {
  const extensions =
    element === undefined ? [] : parseDerSequence(element.content).map(extensionOf);
  const byOid = new Map(extensions.map((extension) => [extension.oid, extension]));
  if (byOid.size !== extensions.length) throw new DerError("an extension occurs twice");
  const valueOf = (oid: string): Uint8Array | undefined => byOid.get(oid)?.value;
  return {
    ...basicConstraintsOf(valueOf(OID_BASIC_CONSTRAINTS)),
    keyUsage: keyUsageOf(valueOf(OID_KEY_USAGE)),
    extendedKeyUsage: extendedKeyUsageOf(valueOf(OID_EXTENDED_KEY_USAGE)),
    unhandled: extensions.filter(isUnhandled).map(({ oid }) => oid),
  };
}

function isUnhandled({ oid, isCritical }: Extension): boolean {
  if (oid === OID_NAME_CONSTRAINTS) return true;
  const isHandled = [OID_KEY_USAGE, OID_BASIC_CONSTRAINTS, OID_EXTENDED_KEY_USAGE].includes(oid);
  return isCritical && !isHandled && !HARMLESS.has(oid);
}

function extensionOf(element: DerElement): Extension {
  const [oid, ...rest] = childrenOf(element);
  const isCritical = rest[0]?.tag === DerTag.boolean && rest[0].content[0] !== 0;
  return {
    oid: oidOf(oid),
    isCritical,
    value: contentOf(rest.at(-1), DerTag.octetString),
  };
}

function basicConstraintsOf(
  value: Uint8Array | undefined,
): Pick<CertificateExtensions, "isAuthority" | "maxPathLength"> {
  if (value === undefined) return { isAuthority: false, maxPathLength: null };
  const fields = parseDerSequence(value);
  const isAuthority = fields[0]?.tag === DerTag.boolean && fields[0].content[0] !== 0;
  const length = fields.find(({ tag }) => tag === DerTag.integer)?.content;
  // Longer or negative numbers make no sense. 0 is the strictest reading.
  const maxPathLength = length?.length === 1 && (length[0] ?? 0) < 0x80 ? (length[0] ?? 0) : 0;
  return { isAuthority, maxPathLength: length === undefined ? null : maxPathLength };
}

function keyUsageOf(value: Uint8Array | undefined): Set<number> | null {
  if (value === undefined) return null;
  const [, ...bytes] = contentOf(parseDer(value)[0], DerTag.bitString);
  const bits = bytes.flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7]
      .filter((bit) => (byte & (0x80 >> bit)) !== 0)
      .map((bit) => 8 * index + bit),
  );
  return new Set(bits);
}

function extendedKeyUsageOf(value: Uint8Array | undefined): Set<string> | null {
  return value === undefined ? null : new Set(parseDerSequence(value).map(oidOf));
}
