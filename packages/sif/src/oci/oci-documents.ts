import { asJsonObject, parseStrictJson } from "../integrity/strict-json.js";
import { decodeText } from "../bytes/text.js";
import { OciSifError } from "./oci-error.js";

/** A reference to a blob in an OCI document. All strings are untrusted. */
export interface OciDescriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 lower-case hex digits. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** Go's name of the architecture, or `null` if not given. */
  readonly arch: string | null;
}

/** An image manifest. */
export interface OciManifest {
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
  /** The kind of artifact, if it is not a runnable image. */
  readonly artifactType: string | null;
}

/**
 * Returns the manifests that an image index lists. A list that is JSON `null` counts as empty: an
 * image from which everything was removed has one.
 *
 * @throws {OciSifError} `oci-malformed`
 */
export function parseIndex(bytes: Uint8Array): OciDescriptor[] {
  const { manifests } = parseDocument(bytes, "index");
  return parseList(manifests ?? [], "the index's manifests");
}

/**
 * Parses an image manifest.
 *
 * @throws {OciSifError} `oci-malformed`
 */
export function parseManifest(bytes: Uint8Array): OciManifest {
  const { config, layers, artifactType } = parseDocument(bytes, "manifest");
  return {
    config: parseDescriptor(config),
    layers: parseList(layers ?? [], "the manifest's layers"),
    artifactType: typeof artifactType === "string" ? artifactType : null,
  };
}

function parseDocument(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  try {
    const document = asJsonObject(parseStrictJson(decodeText(bytes)));
    if (document?.["schemaVersion"] === 2) return document;
  } catch (error) {
    throw new OciSifError("oci-malformed", `the ${what} is not JSON`, { cause: error });
  }
  throw new OciSifError("oci-malformed", `the ${what} is not an object with schema version 2`);
}

function parseList(value: unknown, what: string): OciDescriptor[] {
  if (!Array.isArray(value)) throw new OciSifError("oci-malformed", `${what} are not a list`);
  return value.map(parseDescriptor);
}

function parseDescriptor(value: unknown): OciDescriptor {
  const { mediaType, digest, size, annotations, platform } = asJsonObject(value) ?? {};
  if (typeof mediaType !== "string" || typeof digest !== "string" || typeof size !== "number") {
    throw new OciSifError("oci-malformed", "a descriptor lacks media type, digest or size");
  }
  if (!/^sha256:[0-9a-f]{64}$/.test(digest) || !Number.isSafeInteger(size) || size < 0) {
    throw new OciSifError("oci-malformed", "a descriptor's digest or size is not valid");
  }
  const architecture = asJsonObject(platform)?.["architecture"];
  return {
    mediaType,
    digest,
    size,
    annotations: textsOf(annotations),
    arch: typeof architecture === "string" ? architecture : null,
  };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(asJsonObject(value) ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
