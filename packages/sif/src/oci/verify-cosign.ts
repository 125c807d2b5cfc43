import type { ReadOptions } from "../bytes/byte-source.js";
import { decodeBase64 } from "../bytes/text.js";
import type { DsseVerifier } from "../keys/dsse-verifier.js";
import { SifIntegrityError } from "../integrity/integrity-error.js";
import { asJsonObject, parseStrictJson } from "../integrity/strict-json.js";
import type { SifImage } from "../format/read-sif.js";
import { decodeText } from "../bytes/text.js";
import { checkOciBlobs } from "./check-oci-blobs.js";
import type { OciDescriptor } from "./oci-documents.js";
import {
  findOciBlob,
  type OciSif,
  type OciSifImage,
  readOciBlob,
  readOciSif,
} from "./read-oci-sif.js";

/** An image in an OCI-SIF with a cosign signature that verified. */
export interface CosignVerified {
  /**
   * Digest of the image's manifest. The signature covers the manifest, which covers config and
   * layers.
   */
  readonly manifestDigest: string;
  readonly refName: string | null;
  /** The keys whose signatures verified, as OpenSSH fingerprints. */
  readonly keyIds: readonly string[];
}

/** Options of {@link verifyCosign}. */
export interface VerifyCosignOptions extends ReadOptions {
  /** The trusted keys. One valid signature by one of them is enough for an image. */
  readonly keys: readonly DsseVerifier[];
}

const PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";
const CONTAINER_SIGNATURE = "cosign container image signature";

/** Most cosign signatures of an image that are tried. */
const MAX_SIGNATURES = 64;

/**
 * Verifies the cosign signatures in an OCI-SIF: every OCI object must match its digest, and every
 * image in the index must have a signature by one of the keys. There must be an image.
 *
 * @throws {SifIntegrityError} `object-integrity`, `signature-not-found`, `signature-invalid`,
 *   `key-material-missing`, `no-objects`
 * @throws {OciSifError} if the content is not well-formed
 */
export async function verifyCosign(
  image: SifImage,
  options: VerifyCosignOptions,
): Promise<CosignVerified[]> {
  if (options.keys.length === 0) {
    const found = "no key for its cosign signatures was given";
    throw new SifIntegrityError({ code: "key-material-missing", found });
  }
  const content = await readOciSif(image, options);
  await requireIntactBlobs(image, options);
  const images = content.images.filter(({ isCosign }) => !isCosign);
  if (images.length === 0) {
    throw new SifIntegrityError({ code: "no-objects", found: "the index lists no image" });
  }
  const verified: CosignVerified[] = [];
  for (const { descriptor, refName, config, layers } of images) {
    for (const reference of [config, ...layers]) findOciBlob(content, reference);
    const keyIds = await verifyManifest(image, content, descriptor.digest, options);
    verified.push({ manifestDigest: descriptor.digest, refName, keyIds });
  }
  return verified;
}

async function requireIntactBlobs(image: SifImage, options: ReadOptions): Promise<void> {
  const damaged = (await checkOciBlobs(image, options)).find(({ isIntact }) => !isIntact);
  if (damaged === undefined) return;
  throw new SifIntegrityError({
    code: "object-integrity",
    found: `object ${damaged.objectId} does not have the digest in its descriptor`,
    objectId: damaged.objectId,
  });
}

async function verifyManifest(
  image: SifImage,
  content: OciSif,
  manifestDigest: string,
  options: VerifyCosignOptions,
): Promise<string[]> {
  const layers = signatureLayers(content.images, manifestDigest);
  if (layers.length === 0) {
    const found = `there is no cosign signature for ${manifestDigest}`;
    throw new SifIntegrityError({ code: "signature-not-found", found });
  }
  const keyIds = new Set<string>();
  for (const layer of layers.slice(0, MAX_SIGNATURES)) {
    const payload = (await readOciBlob(image, content.blobs, layer, options)).slice();
    if (signedDigest(payload) !== manifestDigest) continue;
    for (const key of await keysThatSigned(payload, layer, options.keys)) keyIds.add(key);
  }
  if (keyIds.size > 0) return [...keyIds];
  throw new SifIntegrityError({
    code: "signature-invalid",
    found: `no cosign signature for ${manifestDigest} verifies with a given key`,
  });
}

function signatureLayers(images: readonly OciSifImage[], manifestDigest: string): OciDescriptor[] {
  const refName = `_cosign:${manifestDigest.replace(":", "-")}.sig`;
  return images
    .filter((image) => image.refName === refName)
    .flatMap(({ layers }) => layers)
    .filter(({ mediaType }) => mediaType === PAYLOAD_TYPE);
}

/** Returns the manifest digest in a signature's payload, or `null` if it is not such a payload. */
function signedDigest(payload: Uint8Array): unknown {
  try {
    const critical = asJsonObject(asJsonObject(parseStrictJson(decodeText(payload)))?.["critical"]);
    if (critical?.["type"] !== CONTAINER_SIGNATURE) return null;
    return asJsonObject(critical["image"])?.["docker-manifest-digest"] ?? null;
  } catch {
    return null;
  }
}

async function keysThatSigned(
  payload: Uint8Array<ArrayBuffer>,
  { annotations }: OciDescriptor,
  keys: readonly DsseVerifier[],
): Promise<string[]> {
  const signature = decodeBase64(annotations[SIGNATURE_ANNOTATION] ?? "");
  if (signature === null || signature.length === 0) return [];
  const found: string[] = [];
  for (const key of keys) {
    if (await key.verify(payload, signature)) found.push(key.keyId);
  }
  return found;
}
