import { formatDigest, parseDigest, type SifDigest } from "./digest.js";
import { invalidSignature } from "./integrity-error.js";
import { asJsonObject, parseStrictJson } from "./strict-json.js";

/** What a signature says about an object. */
export interface SignedObject {
  /** The object's id minus the lowest id in its group. */
  readonly relativeId: number;
  readonly descriptorDigest: SifDigest;
  readonly objectDigest: SifDigest;
}

/** What a signature says: the document in both kinds of envelope. */
export interface ImageMetadata {
  readonly headerDigest: SifDigest;
  /** The covered objects. Each relative id occurs once. */
  readonly objects: readonly SignedObject[];
}

const MAX_U32 = 2 ** 32 - 1;

/**
 * Parses a signed document. Requires version 1 and exactly the known keys, each once. The reference
 * implementation is less strict: it ignores the version and unknown keys, and the case of keys.
 *
 * @throws {SifIntegrityError} `signature-invalid`, `hash-unsupported`
 */
export function parseImageMetadata(text: string): ImageMetadata {
  const document = objectWithKeys(parseJson(text), ["version", "header", "objects"]);
  if (document["version"] !== 1)
    throw invalidSignature("the signed document does not have version 1");
  const header = objectWithKeys(document["header"], ["digest"]);
  const list = document["objects"];
  if (!Array.isArray(list)) throw invalidSignature("the signed document has no list of objects");
  const objects = list.map(parseSignedObject);
  if (new Set(objects.map(({ relativeId }) => relativeId)).size !== objects.length) {
    throw invalidSignature("the signed document lists an object twice");
  }
  return { headerDigest: parseDigest(header["digest"]), objects };
}

/** Formats the document to sign: compact JSON, with keys in the order that all signers use. */
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
    throw invalidSignature("the signed text is not a JSON document", error);
  }
}

function parseSignedObject(value: unknown): SignedObject {
  const entry = objectWithKeys(value, ["relativeId", "descriptorDigest", "objectDigest"]);
  const relativeId = entry["relativeId"];
  if (typeof relativeId !== "number" || !Number.isInteger(relativeId)) {
    throw invalidSignature("a signed object's id is not a whole number");
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
  if (!isExact)
    throw invalidSignature(`the signed document must have exactly the keys ${keys.join(", ")}`);
  return object;
}
