import type { ReadOptions } from "../bytes/byte-source.js";
import { SifDataType } from "./data-type.js";
import type { SifDescriptor } from "./descriptor.js";
import { MAX_DOCUMENT_BYTES } from "./object-data.js";
import { readSmallObject } from "./object-data.js";
import type { SifImage } from "./read-sif.js";
import { decodeText } from "../bytes/text.js";

/** A document that the image has but that could not be returned. */
export interface SifDocumentProblem {
  /** The object that holds the document. */
  readonly objectId: number;
  /** `document-too-large`: over the limit. `document-malformed`: not valid JSON. */
  readonly code: "document-too-large" | "document-malformed";
}

/** The attributes of a container, or of one of its apps. All untrusted text. */
export interface SifAttributes {
  readonly labels: Readonly<Record<string, string>>;
  /** Scripts that set environment variables, keyed by file name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly runscript: string | null;
  readonly startscript: string | null;
  readonly test: string | null;
  readonly helpfile: string | null;
  readonly deffile: string | null;
}

/** The documents that Singularity and Apptainer store in an image. All untrusted text. */
export interface SifDocuments extends SifAttributes {
  /** The definition file, from its own object if there is one, otherwise from the metadata. */
  readonly deffile: string | null;
  /** Attributes of SCIF apps, keyed by name. */
  readonly apps: Readonly<Record<string, SifAttributes>>;
  /** `oci-config.json`: the OCI image config of the source, as parsed JSON. */
  readonly ociConfig: unknown;
  /** Documents that could not be read. The others are still returned. */
  readonly problems: readonly SifDocumentProblem[];
}

/** Options of {@link readSifDocuments}. */
export interface SifDocumentsOptions extends ReadOptions {
  /** Largest document to read, in bytes. Default {@link MAX_DOCUMENT_BYTES}. */
  readonly maxBytes?: number;
}

/**
 * Returns the definition file, labels, scripts and other documents of an image. A document that is
 * too large or malformed is listed in `problems` and does not affect the others. Partitions are not
 * read.
 *
 * @throws what the source throws, and `signal.reason` after an abort
 */
export async function readSifDocuments(
  image: SifImage,
  options: SifDocumentsOptions = {},
): Promise<SifDocuments> {
  const reader = new DocumentReader(image, options);
  const find = (dataType: number, name?: string): SifDescriptor | undefined =>
    image.descriptors.find(
      (object) => object.dataType === dataType && (name === undefined || object.name === name),
    );
  const deffile = await reader.text(find(SifDataType.deffile));
  const metadata = find(SifDataType.genericJson, "inspect-metadata.json");
  const attributes = attributesOf(await reader.json(metadata));
  const own = attributesFrom(attributes);
  const oldLabels = await reader.json(find(SifDataType.labels));
  const ociConfig = await reader.json(find(SifDataType.genericJson, "oci-config.json"));
  return {
    ...own,
    deffile: deffile ?? own.deffile,
    labels: Object.keys(own.labels).length > 0 ? own.labels : textsFrom(oldLabels),
    apps: appsFrom(attributes),
    ociConfig,
    problems: reader.problems,
  };
}

/** Reads documents and collects their problems. */
class DocumentReader {
  readonly problems: SifDocumentProblem[] = [];
  readonly #image: SifImage;
  readonly #options: SifDocumentsOptions;

  constructor(image: SifImage, options: SifDocumentsOptions) {
    this.#image = image;
    this.#options = options;
  }

  async text(descriptor: SifDescriptor | undefined): Promise<string | null> {
    if (descriptor === undefined) return null;
    const { signal, maxBytes = MAX_DOCUMENT_BYTES } = this.#options;
    const bytes = await readSmallObject(this.#image, descriptor, { signal, maxBytes });
    if (bytes === null) {
      this.problems.push({ objectId: descriptor.id, code: "document-too-large" });
      return null;
    }
    return decodeText(bytes);
  }

  async json(descriptor: SifDescriptor | undefined): Promise<unknown> {
    const text = await this.text(descriptor);
    if (text === null || descriptor === undefined) return null;
    try {
      return JSON.parse(text);
    } catch {
      this.problems.push({ objectId: descriptor.id, code: "document-malformed" });
      return null;
    }
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function objectFrom(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

// The document is {"data": {"attributes": {…}}, "type": "container"}.
function attributesOf(document: unknown): JsonObject {
  return objectFrom(objectFrom(objectFrom(document)["data"])["attributes"]);
}

function attributesFrom(attributes: JsonObject): SifAttributes {
  return {
    labels: textsFrom(attributes["labels"]),
    environment: textsFrom(attributes["environment"]),
    runscript: textFrom(attributes["runscript"]),
    startscript: textFrom(attributes["startscript"]),
    test: textFrom(attributes["test"]),
    helpfile: textFrom(attributes["helpfile"]),
    deffile: textFrom(attributes["deffile"]),
  };
}

function appsFrom(attributes: JsonObject): Record<string, SifAttributes> {
  const apps = Object.entries(objectFrom(attributes["apps"]));
  return Object.fromEntries(apps.map(([name, app]) => [name, attributesFrom(objectFrom(app))]));
}

function textFrom(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function textsFrom(value: unknown): Record<string, string> {
  const entries = Object.entries(objectFrom(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
