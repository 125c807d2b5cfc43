import { createHash, type KeyObject, sign } from "node:crypto";
import { SifDataType } from "../src/format/data-type.js";
import type { SifObjectInput } from "../src/write/place-object.js";

/** A reference to a blob in a document of a test image. */
export interface BlobReference {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Record<string, string>;
}

export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const INDEX = "application/vnd.oci.image.index.v1+json";
export const LAYER = "application/vnd.sylabs.image.layer.v1.squashfs";

/** Collects the blobs of OCI images as objects to write. */
export interface OciBuilder {
  readonly objects: SifObjectInput[];
  /** Adds a blob: a string as it is, other values as JSON. */
  blob(mediaType: string, content: unknown, annotations?: Record<string, string>): BlobReference;
  /** Adds an image of one layer. */
  image(layer: string, refName?: string): BlobReference;
  /** Adds cosign signatures of a manifest. */
  cosign(manifest: BlobReference, key: KeyObject, payload?: object): BlobReference;
  /** Adds the root index and returns all objects. */
  finish(manifests: unknown): SifObjectInput[];
}

const REF_NAME = "org.opencontainers.image.ref.name";

/** Returns an empty builder. */
export function ociBuilder(): OciBuilder {
  const objects: SifObjectInput[] = [];
  const builder: OciBuilder = {
    objects,
    blob(mediaType, content, annotations) {
      const data = encode(content);
      objects.push({ dataType: SifDataType.ociBlob, data });
      const digest = `sha256:${createHash("sha256").update(data).digest("hex")}`;
      return { mediaType, digest, size: data.length, ...(annotations && { annotations }) };
    },
    image(layer, refName) {
      const layers = [builder.blob(LAYER, layer)];
      const config = builder.blob("application/vnd.oci.image.config.v1+json", { os: "linux" });
      const annotations = refName === undefined ? undefined : { [REF_NAME]: refName };
      return builder.blob(MANIFEST, { schemaVersion: 2, config, layers }, annotations);
    },
    cosign(manifest, key, payload) {
      const critical = {
        identity: { "docker-reference": "" },
        image: { "docker-manifest-digest": manifest.digest },
        type: "cosign container image signature",
      };
      const text = JSON.stringify(payload ?? { critical, optional: null });
      const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
      const signature = sign(algorithm, Buffer.from(text), key).toString("base64");
      const mediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
      const annotations = { "dev.cosignproject.cosign/signature": signature };
      const layers = [builder.blob(mediaType, text, annotations)];
      const config = builder.blob("application/vnd.oci.image.config.v1+json", {});
      return builder.blob(
        MANIFEST,
        { schemaVersion: 2, config, layers },
        { [REF_NAME]: `_cosign:${manifest.digest.replace(":", "-")}.sig` },
      );
    },
    finish(manifests) {
      const data = encode({ schemaVersion: 2, mediaType: INDEX, manifests });
      return [...objects, { dataType: SifDataType.ociRootIndex, data }];
    },
  };
  return builder;
}

function encode(content: unknown): Uint8Array {
  return new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content));
}
