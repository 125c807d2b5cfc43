import {
  type SifAttributes,
  type SifWarning,
  isOciSifError,
  readOciSif,
  readSif,
  readSifDocuments,
  sifFacts,
  type SifImage,
} from "@sifshelf/sif";

import { type SifObjectJson, sifObjectJson, sifTimeJson } from "./objects.js";
import type { OpenedArgument } from "./with-image.js";

/**
 * What `sifshelf inspect --json` prints. Nothing of it is verified, and all texts are untrusted.
 */
export interface InspectJson {
  readonly ok: true;
  /** The file as typed, or the ref. */
  readonly source: string;
  readonly sizeBytes: number;
  /** Go name of the arch in the header, which no signature covers; `unknown` if none. */
  readonly arch: string;
  /** Go name of the primary partition's arch, which signatures cover; `null` if there is none. */
  readonly primaryArch: string | null;
  /** UUID; all zeros if the image has none. */
  readonly uuid: string;
  readonly launchScript: string;
  /** RFC 3339; `null` for none. */
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  /** Whether the image has no UUID and no times. */
  readonly deterministic: boolean;
  /** Whether the primary partition is encrypted. */
  readonly encrypted: boolean;
  /** Whether there is a signature; says nothing about whether it is valid. */
  readonly signed: boolean;
  /** Whether the content is an OCI image. */
  readonly oci: boolean;
  /** Object id of the primary partition; `null` if there is none. */
  readonly primary: number | null;
  /** Numbers of the groups in use. */
  readonly groups: readonly number[];
  /** Number of objects. */
  readonly objects: number;
  /** Display names of the objects' types, in table order. */
  readonly types: readonly string[];
  /** Fingerprints that signatures claim. */
  readonly fingerprints: readonly string[];
  /** The objects, in table order. */
  readonly objectList: readonly SifObjectJson[];
  readonly labels: Readonly<Record<string, string>>;
  /** The definition file; `null` if there is none. */
  readonly deffile: string | null;
  readonly runscript: string | null;
  readonly startscript: string | null;
  readonly test: string | null;
  readonly helpfile: string | null;
  /** Scripts that set environment variables, by file name. */
  readonly environment: Readonly<Record<string, string>>;
  /** SCIF apps by name, each with labels and scripts as the image itself. */
  readonly apps: Readonly<Record<string, SifAttributes>>;
  /** The OCI images inside, including cosign signatures. */
  readonly ociImages: readonly OciImageJson[];
  /** Unusual but valid properties, each with a `code`. */
  readonly warnings: readonly SifWarning[];
  /** Documents that could not be read. */
  readonly problems: readonly InspectProblemJson[];
}

/** An image inside an OCI-SIF. */
export interface OciImageJson {
  readonly manifestDigest: string;
  /** Go name; `null` if the index does not say. */
  readonly ociArch: string | null;
  readonly refName: string | null;
  /** Number of layers. */
  readonly layers: number;
}

/** A document that could not be read. */
export interface InspectProblemJson {
  /** Stable word for the fault. */
  readonly code: string;
  /** The object that holds the document; `null` for the OCI content as a whole. */
  readonly objectId: number | null;
}

/** An image and its description. */
export interface InspectedImage {
  readonly image: SifImage;
  readonly json: InspectJson;
}

/**
 * Reads the description of an image: header, descriptors and documents. Does not read partitions
 * and signatures.
 *
 * @throws {SifFormatError} when it is not a valid image, and what the source throws
 */
export async function inspectImage(
  { label, source }: OpenedArgument,
  signal: AbortSignal,
): Promise<InspectedImage> {
  const image = await readSif(source, { signal });
  const documents = await readSifDocuments(image, { signal });
  const { oci, ...facts } = sifFacts(image);
  const { ociImages, problems } = oci ? await ociImagesOf(image, signal) : NO_OCI;
  const { labels, deffile, runscript, startscript, test, helpfile, environment, apps } = documents;
  const json: InspectJson = {
    ok: true,
    source: label,
    sizeBytes: source.size,
    oci,
    ...facts,
    createdAt: sifTimeJson(image.header.createdAt),
    modifiedAt: sifTimeJson(image.header.modifiedAt),
    objectList: image.descriptors.map(sifObjectJson),
    labels,
    deffile,
    runscript,
    startscript,
    test,
    helpfile,
    environment,
    apps,
    ociImages,
    warnings: image.warnings,
    problems: [...documents.problems, ...problems],
  };
  return { image, json };
}

interface OciContent {
  readonly ociImages: readonly OciImageJson[];
  readonly problems: readonly InspectProblemJson[];
}

const NO_OCI: OciContent = { ociImages: [], problems: [] };

/** The OCI images inside. Malformed content is reported as a problem. */
async function ociImagesOf(image: SifImage, signal: AbortSignal): Promise<OciContent> {
  try {
    const { images } = await readOciSif(image, { signal });
    const ociImages = images.map(({ descriptor, refName, layers }) => ({
      manifestDigest: descriptor.digest,
      ociArch: descriptor.arch,
      refName,
      layers: layers.length,
    }));
    return { ociImages, problems: [] };
  } catch (error) {
    if (!isOciSifError(error)) throw error;
    return { ociImages: [], problems: [{ code: error.code, objectId: null }] };
  }
}
