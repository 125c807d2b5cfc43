import {
  blobByteSource,
  checkOciBlobs,
  isKeyError,
  isOciSifError,
  isSifFormatError,
  isSifIntegrityError,
  objectStream,
  type PgpKeyring,
  readOciSif,
  readPublicKeys,
  readSif,
  readSifDocuments,
  sifFacts,
  type SifImage,
  verifyCosign,
  verifySif,
} from "@sifshelf/sif";
import { readPgpKeys } from "@sifshelf/sif/pgp";

/** One verification of an image. Keys are texts. */
export interface Verification {
  readonly pgp?: readonly string[];
  readonly keys?: readonly string[];
  readonly groups?: readonly number[];
  readonly objects?: readonly number[];
  readonly mode?: "normal" | "legacy" | "legacy-all";
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** An image and the operations on it; everything can be passed from a test to a page. */
export interface SifCase {
  readonly name: string;
  /** The image in base64. */
  readonly image: string;
  readonly verifications: readonly Verification[];
}

/** Result of a case as JSON, with the codes of refusals. */
export interface CaseResult {
  /** `ok`, or the code of the refusal. */
  readonly load: string;
  /** Everything that the reader returns about an image. */
  readonly told: unknown;
  /** For each verification, `OK` or the code. */
  readonly verdicts: readonly string[];
  /** For each verification, its coverage and signer, or the place of the failure. */
  readonly details: readonly unknown[];
}

/** Runs a case the same way wherever it runs: in Node and in pages. */
export async function runCase({ image: base64, verifications }: SifCase): Promise<CaseResult> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const opened = await settled(() => readSif(blobByteSource(new Blob([bytes]))));
  if (opened.value === undefined) {
    return { load: opened.code, told: opened.detail, verdicts: [], details: [] };
  }
  const image = opened.value;
  const outcomes = [];
  for (const verification of verifications) outcomes.push(await verified(image, verification));
  return asJson({
    load: "ok",
    told: await toldOf(image),
    verdicts: outcomes.map(({ code }) => code),
    details: outcomes.map(({ value, detail }) => value ?? detail),
  });
}

async function toldOf(image: SifImage): Promise<unknown> {
  const { header, descriptors, warnings } = image;
  const oci = await settled(() => readOciSif(image));
  return {
    facts: sifFacts(image),
    header,
    descriptors,
    warnings,
    documents: await readSifDocuments(image),
    oci: oci.value === undefined ? oci.code : { images: oci.value.images, blobs: oci.value.blobs },
    blobs: await checkOciBlobs(image),
    lengths: await Promise.all(
      descriptors.map(async (object) => streamedBytes(objectStream(image, object))),
    ),
  };
}

async function streamedBytes(stream: ReadableStream<Uint8Array>): Promise<number> {
  const reader = stream.getReader();
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length;
  }
  return bytes;
}

async function verified(image: SifImage, verification: Verification): Promise<Settled<unknown>> {
  const { pgp, keys = [], groups, objects, mode = "normal", at } = verification;
  return await settled(async () => {
    const ring: { pgp?: PgpKeyring } = pgp === undefined ? {} : { pgp: await readPgpKeys(pgp) };
    const verifiers = (await Promise.all(keys.map((pem) => readPublicKeys(pem)))).flat();
    const isCosign = image.descriptors.some(({ typeName }) => typeName === "OCI.RootIndex");
    const cosign = isCosign ? await settled(() => verifyCosign(image, { keys: verifiers })) : null;
    const result = await verifySif(image, {
      ...ring,
      keys: verifiers,
      mode,
      ...(groups && { groups }),
      ...(objects && { objects }),
      ...(at === undefined ? {} : { at: new Date(at) }),
    });
    return { ...result, cosign };
  });
}

interface Settled<Value> {
  readonly value?: Value;
  /** `OK`, or the code of the error. */
  readonly code: string;
  /** Place of the failure. */
  readonly detail?: unknown;
}

/** Settles work that may be refused; rethrows any other error. */
async function settled<Value>(work: () => Promise<Value>): Promise<Settled<Value>> {
  try {
    return { value: await work(), code: "OK" };
  } catch (error) {
    const isOwn = isSifFormatError(error) || isSifIntegrityError(error);
    if (!isOwn && !isOciSifError(error) && !isKeyError(error)) throw error;
    const place = Object.entries(error).filter(([key]) => key !== "cause");
    return { code: error.code, detail: { ...Object.fromEntries(place), message: error.message } };
  }
}

/** Converts big integers, bytes and maps to values that JSON can represent. */
function asJson(result: CaseResult): CaseResult {
  const text = JSON.stringify(result, (_key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Uint8Array) return [...value].join(" ");
    return value instanceof Map ? [...value] : value;
  });
  return JSON.parse(text);
}
