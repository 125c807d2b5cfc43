import { memoryByteSource } from "../src/bytes/byte-source.js";
import { decodeBase64, encodeBase64 } from "../src/bytes/text.js";
import { decodeClearSigned, isStrictArmor } from "../src/integrity/clear-sign.js";
import { coveredDescriptorBytes, coveredHeaderBytes } from "../src/integrity/covered-bytes.js";
import { readPublicKeys } from "../src/keys/dsse-verifier.js";
import { looksLikeDsse, parseDsseEnvelope } from "../src/integrity/dsse-envelope.js";
import { formatImageMetadata, parseImageMetadata } from "../src/integrity/image-metadata.js";
import { asJsonObject, firstJsonObject, parseStrictJson } from "../src/integrity/strict-json.js";
import { verifySif } from "../src/integrity/verify-sif.js";
import { parseIndex, parseManifest } from "../src/oci/oci-documents.js";
import { readOciSif } from "../src/oci/read-oci-sif.js";
import { verifyCosign } from "../src/oci/verify-cosign.js";
import { readPgpKeys } from "../src/pgp/pgp-keyring.js";
import { readSif, type SifImage } from "../src/format/read-sif.js";
import { decodeText, toHex } from "../src/bytes/text.js";
import { readCertificates } from "../src/x509/certificate.js";
import { readCertificateKey } from "../src/x509/read-certificate.js";
import { type PemBlock, parsePem } from "../src/keys/der.js";
import type { SifObjectInput } from "../src/write/place-object.js";
import { AT, CERTIFICATE } from "./certificate-sample.js";
import { checkImage } from "./check-image.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateImage } from "./mutate-image.js";
import { imageOf, ociObjects } from "./oci-samples.js";
import { outcomeOf, require } from "./outcome.js";
import { pick, type Random } from "./random.js";
import { repeatedTokens } from "./repeated-tokens.js";
import { type SignedSamples, signedSamples } from "./signed-samples.js";

/** Code that gets hostile input. */
export interface FuzzTarget {
  /** Creates an input from random numbers, the same for the same numbers. */
  readonly input: (random: Random) => Promise<Uint8Array>;
  /**
   * Runs the code with an input and returns the outcome: `ok` or an error code.
   *
   * @throws if the code crashes or returns what it must not
   */
  readonly run: (input: Uint8Array) => Promise<string>;
  /** Its share of a run, in thousandths. */
  readonly share: number;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const mutated = (seeds: readonly Uint8Array[]) => async (random: Random) =>
  mutateBytes(seeds, random);

/** Returns all targets, by name. `images` are further images to start from. */
export async function fuzzTargets(
  images: readonly Uint8Array[] = [],
): Promise<Record<string, FuzzTarget>> {
  const samples = await signedSamples();
  const oci = ociObjects();
  const all: readonly Uint8Array[] = [...samples.images, await imageOf(oci), ...images];
  return {
    ...imageTargets(samples, all),
    ...signatureTargets(samples),
    ...ociTargets(samples, oci),
    ...keyTargets(samples),
  };
}

function imageTargets(
  samples: SignedSamples,
  images: readonly Uint8Array[],
): Record<string, FuzzTarget> {
  return {
    reader: {
      share: 390,
      input: async (random) => mutateImage(images, random),
      run: checkImage,
    },
    verify: {
      share: 30,
      input: async (random) => mutateImage(samples.images, random),
      run: (input) => checkVerdict(samples, input),
    },
  };
}

/**
 * Checks that an accepted image is what was signed: an image that verifies must be one of the
 * samples.
 */
async function checkVerdict(samples: SignedSamples, input: Uint8Array): Promise<string> {
  const { trusted, at } = samples;
  let text = "";
  const outcome = await outcomeOf(async () => {
    const image = await readSif(memoryByteSource(input));
    const { objects } = await verifySif(image, { ...trusted, at });
    text = await coveredOf(image, objects);
  });
  require(outcome !== "ok" || (await coveredSamples(samples)).has(text), "it is what was signed");
  return outcome;
}

const coveredCache = new WeakMap<SignedSamples, Set<string>>();

async function coveredSamples(samples: SignedSamples): Promise<Set<string>> {
  const known = coveredCache.get(samples) ?? new Set<string>();
  if (!coveredCache.has(samples)) {
    coveredCache.set(samples, known);
    for (const bytes of samples.images) {
      known.add(await coveredOf(await readSif(memoryByteSource(bytes)), [1, 2, 3]));
    }
  }
  return known;
}

async function coveredOf(image: SifImage, ids: readonly number[]): Promise<string> {
  const chunks = [...coveredHeaderBytes(image.header)];
  const lowest = Math.min(...ids);
  for (const object of image.descriptors.filter(({ id }) => ids.includes(id))) {
    chunks.push(...coveredDescriptorBytes(object, object.id - lowest));
    chunks.push(await image.source.read(object.offset, object.size));
  }
  return chunks.map(toHex).join("");
}

function signatureTargets(samples: SignedSamples): Record<string, FuzzTarget> {
  const { messages, envelope, trusted, at } = samples;
  const [message] = messages;
  const metadata = encode(decodeClearSigned(decodeText(message))?.text ?? "");
  return {
    "clear-sign": {
      share: 150,
      input: mutated(messages),
      run: async (input) => runClearSigned(decodeText(input)),
    },
    dsse: {
      share: 120,
      input: mutated([envelope, metadata]),
      run: async (input) => runEnvelope(decodeText(input)),
    },
    "image-metadata": {
      share: 130,
      input: mutated([metadata]),
      run: async (input) => outcomeOf(() => runMetadata(decodeText(input))),
    },
    pgp: {
      share: 15,
      input: mutated(messages),
      run: (input) =>
        outcomeOf(async () => {
          const found = decodeClearSigned(decodeText(input));
          if (found !== null) await trusted.pgp.verify(found, at);
        }),
    },
    repeated: {
      share: 5,
      input: async (random) => repeatedTokens(random),
      run: runOnText,
    },
  };
}

function runClearSigned(text: string): string {
  const found = decodeClearSigned(text);
  if (found === null) return "none";
  require(found.text.length <= text.length, "the signed text is part of the message");
  return `ok, armor ${isStrictArmor(found.signature) ? "strict" : "odd"}`;
}

function runEnvelope(text: string): string {
  const isLikely = looksLikeDsse(text);
  const found = parseDsseEnvelope(text);
  if (found === null) return isLikely ? "malformed" : "none";
  require(isLikely, "an envelope is recognised as one");
  for (const { signature } of found.entries) {
    const again = decodeBase64(encodeBase64(signature));
    require(again !== null && toHex(again) === toHex(signature), "base64 goes both ways");
  }
  return "ok";
}

function runMetadata(text: string): void {
  const metadata = parseImageMetadata(text);
  const again = parseImageMetadata(formatImageMetadata(metadata));
  require(JSON.stringify(again) === JSON.stringify(metadata), "what was read is what is written");
}

function ociTargets(
  { trusted }: SignedSamples,
  objects: readonly SifObjectInput[],
): Record<string, FuzzTarget> {
  const documents = objects.map(({ data }) => (data instanceof Uint8Array ? data : encode("")));
  return {
    "oci-document": {
      share: 110,
      input: mutated(documents),
      run: async (input) => {
        const index = await outcomeOf(() => parseIndex(input));
        return `${index}, manifest ${await outcomeOf(() => parseManifest(input))}`;
      },
    },
    "oci-sif": {
      share: 30,
      input: async (random) => {
        const changed = random(objects.length);
        // Digests and references are updated, so the change is read and not rejected as corrupt.
        const data = mutateBytes(documents.slice(changed, changed + 1), random);
        return imageOf(
          objects.map((object, index) => (index === changed ? { ...object, data } : object)),
        );
      },
      run: (input) =>
        outcomeOf(async () => {
          const image = await readSif(memoryByteSource(input));
          await readOciSif(image);
          await verifyCosign(image, { keys: trusted.keys });
        }),
    },
  };
}

function keyTargets({ keyTexts }: SignedSamples): Record<string, FuzzTarget> {
  const [pgp, pem] = keyTexts;
  const blocks = [...parsePem(pem), ...parsePem(CERTIFICATE), ...dearmored(pgp)];
  return {
    keys: {
      share: 5,
      input: async (random) => mutateBytes([encode(pick(random, [pgp, pem]))], random),
      run: runOnKeyText,
    },
    // Changed inside the armor, so its content is read.
    "key-bytes": {
      share: 15,
      input: async (random) => {
        const { label, bytes } = pick(random, blocks);
        const base64 = encodeBase64(mutateBytes([bytes], random));
        return encode(`-----BEGIN ${label}-----\n\n${base64}\n-----END ${label}-----\n`);
      },
      run: runOnKeyText,
    },
  };
}

function dearmored(text: string): PemBlock[] {
  const base64 = text.split("\n").filter((line) => /^[A-Za-z0-9+/]+=*$/.test(line));
  const bytes = decodeBase64(base64.join(""));
  return bytes === null ? [] : [{ label: "PGP PUBLIC KEY BLOCK", bytes }];
}

async function runOnKeyText(input: Uint8Array): Promise<string> {
  const text = decodeText(input);
  const outcomes = [
    await outcomeOf(() => readPgpKeys([text])),
    await outcomeOf(() => readPgpKeys([input])),
    await outcomeOf(() => readPublicKeys(text)),
    await outcomeOf(() => readCertificates(text)),
    await outcomeOf(() => readCertificateKey({ certificate: text, roots: CERTIFICATE, at: AT })),
  ];
  return outcomes.join(", ");
}

/** Passes a text to all code that takes texts. */
async function runOnText(input: Uint8Array): Promise<string> {
  const text = decodeText(input);
  runClearSigned(text);
  runEnvelope(text);
  isStrictArmor(text);
  firstJsonObject(text);
  const json = await Promise.resolve()
    .then(() => asJsonObject(parseStrictJson(text)))
    .catch((error: unknown) => {
      if (!(error instanceof SyntaxError)) throw error;
      return null;
    });
  const keys = await outcomeOf(() => readPublicKeys(text));
  const pgp = await outcomeOf(() => readPgpKeys([text]));
  return `json ${json === null ? "none" : "ok"}, ${keys}, ${pgp}`;
}
