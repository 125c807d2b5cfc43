import type { InspectedObject, InspectionProblem, SifContents } from "@sifshelf/protocol";
import {
  type ByteSource,
  isSifFormatError,
  type ReadOptions,
  readSif,
  readSifDocuments,
  type SifDescriptor,
  type SifDocuments,
  type SifImage,
} from "@sifshelf/sif";

import { keepLabels } from "./keep-labels.js";
import {
  MAX_DEFFILE_LENGTH,
  MAX_DOCUMENT_BYTES,
  MAX_OBJECTS,
  MAX_RUNSCRIPT_LENGTH,
} from "./limits.js";

/**
 * Returns what a stored file holds for people to read. Besides header and descriptors it reads at
 * most four documents, 2 MiB in all. What is over a limit or malformed is left out, and `problems`
 * says so; so is everything of a file that is not a SIF image.
 *
 * @throws what the source throws, and `signal.reason` after an abort.
 */
export async function readContents(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<SifContents> {
  const image = await readImage(source, options);
  if (image === undefined) return NOT_A_SIF;
  const { signal } = options;
  const documents = await readSifDocuments(image, { signal, maxBytes: MAX_DOCUMENT_BYTES });
  return contentsOf(image, documents);
}

const NOT_A_SIF: SifContents = {
  labels: {},
  objects: [],
  objectCount: 0,
  problems: [{ code: "not-a-sif" }],
};

async function readImage(source: ByteSource, options: ReadOptions): Promise<SifImage | undefined> {
  try {
    return await readSif(source, options);
  } catch (error) {
    if (isSifFormatError(error)) return undefined;
    throw error;
  }
}

function contentsOf({ descriptors }: SifImage, documents: SifDocuments): SifContents {
  const problems: InspectionProblem[] = documents.problems.map(({ code, objectId }) => ({
    code,
    object: objectId,
  }));
  const keep = (text: string | null, maxLength: number, code: string): string | undefined => {
    if (text === null || text.length <= maxLength) return text ?? undefined;
    problems.push({ code });
    return undefined;
  };
  const deffile = keep(documents.deffile, MAX_DEFFILE_LENGTH, "deffile-too-large");
  const runscript = keep(documents.runscript, MAX_RUNSCRIPT_LENGTH, "runscript-too-large");
  const { labels, isCut } = keepLabels(documents.labels);
  if (isCut) problems.push({ code: "labels-cut" });
  if (descriptors.length > MAX_OBJECTS) problems.push({ code: "objects-cut" });
  return {
    labels,
    ...(deffile !== undefined && { deffile }),
    ...(runscript !== undefined && { runscript }),
    objects: descriptors.slice(0, MAX_OBJECTS).map(objectOf),
    objectCount: descriptors.length,
    problems,
  };
}

function objectOf({ id, typeName, name, size, group, link }: SifDescriptor): InspectedObject {
  return {
    id,
    type: typeName,
    name,
    size,
    ...(group !== null && { group }),
    ...(link !== null && { link: { ...link } }),
  };
}
