import type { ImageJson } from "./image-json.js";
import { formatBytes } from "../output/text.js";

/** An entity, collection or container that a search found. */
export interface FoundJson {
  /** `library://` URI. */
  readonly uri: string;
  readonly description: string;
}

/** An image that a search found. */
export interface FoundImageJson extends ImageJson {
  /** Ref to pull it by, with all its tags, or with its hash if it has none. */
  readonly ref: string;
}

/** What `sifshelf search --json` prints. */
export interface SearchJson {
  readonly ok: true;
  readonly value: string;
  /** Base URL of the library. */
  readonly library: string;
  readonly entities: readonly FoundJson[];
  readonly collections: readonly FoundJson[];
  readonly containers: readonly FoundJson[];
  readonly images: readonly FoundImageJson[];
  /** Whether there was more than is printed. */
  readonly truncated: boolean;
}

/** The description that libraries store when a client sends none. */
const NO_DESCRIPTION = "no description";

/** The results of a search as text, in the layout of `singularity search`. */
export function searchLines(results: SearchJson, arches: readonly string[] = []): string[] {
  const { entities, collections, containers, images, value } = results;
  const wanted = arches.length === 0 ? "" : ` for ${arches.join(", ")}`;
  const matching = `${wanted} matching "${value}"`;
  return [
    ...section(entities.map(foundLines), ["entity", "entities"], matching),
    ...section(collections.map(foundLines), ["collection", "collections"], matching),
    ...section(containers.map(foundLines), ["container", "containers"], matching),
    ...(images.length === 0
      ? [`No container images found${matching}.`]
      : section(images.map(imageLines), ["container image", "container images"], matching)),
  ];
}

function section(
  entries: readonly string[][],
  [one, many]: readonly [string, string],
  matching: string,
): string[] {
  if (entries.length === 0) return [];
  const count = `${entries.length} ${entries.length === 1 ? one : many}`;
  return [`Found ${count}${matching}:`, "", ...entries.flatMap((lines) => [...lines, ""])];
}

function foundLines({ uri, description }: FoundJson): string[] {
  return [`\t${uri}`, ...descriptionLines(description)];
}

function imageLines(image: FoundImageJson): string[] {
  const { fingerprints } = image;
  return [
    `\t${image.ref}`,
    ...descriptionLines(image.description),
    `\t\t${factsOf(image).join("  ")}`,
    ...(fingerprints.length === 0 ? [] : [`\t\tSigned by: ${fingerprints.join(",")}`]),
  ];
}

function factsOf({ arch, sizeBytes, signed, encrypted }: FoundImageJson): string[] {
  return [
    (arch ?? "unknown").padEnd(8),
    formatBytes(sizeBytes).padStart(10),
    signed === true ? "signed" : "unsigned",
    ...(encrypted === true ? ["encrypted"] : []),
  ];
}

function descriptionLines(description: string): string[] {
  return description === "" || description.toLowerCase() === NO_DESCRIPTION
    ? []
    : [`\t\t${description}`];
}
