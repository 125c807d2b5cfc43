import { formatDigest, parseDigest, type SifDigest } from "./digest.js";
import { invalidSignature } from "./integrity-error.js";
import { asJsonObject, parseStrictJson } from "./strict-json.js";

/** What a signature says of one object. */
export interface SignedObject {
  /** The object's id minus the lowest id in its group. */
  readonly relativeId: number;
  readonly descriptorDigest: SifDigest;
  readonly objectDigest: SifDigest;
}

/** What a signature says: the document inside both kinds of envelope. */
export interface ImageMetadata {
  readonly headerDigest: SifDigest;
  /** The covered objects; each relative id once. */
  readonly objects: readonly SignedObject[];
}

const MAX_U32 = 2 ** 32 - 1;

/**
 * Returns what a signed document says. Stricter than the reference implementation, which ignores
 * the version and unknown keys and matches keys without regard to case: exact keys, each once,
 * version 1.
 *
 * @throws {SifIntegrityError} `signature-invalid`, `hash-unsupported`
 */
export function parseImageMetadata(text: string): ImageMetadata {
  const document = objectWithKeys(parseJson(text), ["version", "header", "objects"]);
  if (document["version"] !== 1) throw invalidSignature("the signed document is not of version 1");
  const header = objectWithKeys(document["header"], ["digest"]);
  const list = document["objects"];
  if (!Array.isArray(list)) throw invalidSignature("the signed document has no list of objects");
  const objects = list.map(parseSignedObject);
  if (new Set(objects.map(({ relativeId }) => relativeId)).size !== objects.length) {
    throw invalidSignature("the signed document has an object twice");
  }
  return { headerDigest: parseDigest(header["digest"]), objects };
}

/** Returns the document as it is signed: compact JSON with keys in the order all signers use. */
export function formatImageMetadata({ headerDigest, objects }: ImageMetadata): string {
  return JSON.stringify({
    version: 1,
    header: { digest: formatDigest(headerDigest) },
    objects: objects.map(({ relativeId, descriptorDigest, objectDigest }) => ({
      relativeId,
      descriptorDigest: formatDigest(descriptorDigest),
      objectDigest: formatDigest(objectDigest),
    })),
  });
}

function parseJson(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw invalidSignature("the signed text is not a json document", error);
  }
}

function parseSignedObject(value: unknown): SignedObject {
  const entry = objectWithKeys(value, ["relativeId", "descriptorDigest", "objectDigest"]);
  const relativeId = entry["relativeId"];
  if (typeof relativeId !== "number" || !Number.isInteger(relativeId)) {
    throw invalidSignature("a signed object has no whole number as id");
  }
  if (relativeId < 0 || relativeId > MAX_U32) {
    throw invalidSignature("a signed object's id is out of range");
  }
  return {
    relativeId,
    descriptorDigest: parseDigest(entry["descriptorDigest"]),
    objectDigest: parseDigest(entry["objectDigest"]),
  };
}

function objectWithKeys(
  value: unknown,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  const object = asJsonObject(value);
  const isExact =
    object !== null &&
    Object.keys(object).length === keys.length &&
    keys.every((key) => Object.hasOwn(object, key));
  if (!isExact) throw invalidSignature(`the signed document needs exactly ${keys.join(", ")}`);
  return object;
}
