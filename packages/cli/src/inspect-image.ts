import {
  isOciSifError,
  readOciSif,
  readSif,
  readSifDocuments,
  sifFacts,
  type SifImage,
} from "@sifshelf/sif";

import type { InspectJson, InspectProblemJson, OciImageJson } from "./results/inspect-json.js";
import { sifObjectJson, sifTimeJson } from "./results/sif-object-json.js";
import type { OpenedArgument } from "./with-image.js";

/** An image and what it says about itself. */
export interface InspectedImage {
  readonly image: SifImage;
  readonly json: InspectJson;
}

/**
 * Reads what an image says about itself: header, descriptors and documents; partitions and signatures are not read.
 *
 * @throws {SifFormatError} when it is no valid image, and what the source throws
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

/** The OCI images inside; content that is not well-formed is a problem and does not hide the rest. */
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
