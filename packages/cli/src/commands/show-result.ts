import type { ImageJson } from "./image-json.js";
import { alignedFields, formatBytes } from "../output/text.js";

/** What `sifshelf show --json` prints; `kind` tells the variants apart. */
export type ShowJson = ShowImageJson | ShowContainerJson | ShowCollectionJson | ShowEntityJson;

/** Shown for a ref with a tag or a hash. */
export interface ShowImageJson {
  readonly ok: true;
  readonly kind: "image";
  readonly ref: string;
  readonly image: ImageJson;
}

/** Shown for three names. */
export interface ShowContainerJson {
  readonly ok: true;
  readonly kind: "container";
  readonly ref: string;
  readonly description: string;
  readonly private: boolean;
  readonly sizeBytes: number;
  /** Number of images. */
  readonly images: number;
  /** Number of pulls. */
  readonly downloads: number;
  /** Arch to tag to image id. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Shown for two names. */
export interface ShowCollectionJson {
  readonly ok: true;
  readonly kind: "collection";
  readonly ref: string;
  readonly description: string;
  readonly private: boolean;
  readonly sizeBytes: number;
  /** Number of containers. */
  readonly containers: number;
}

/** Shown for one name. */
export interface ShowEntityJson {
  readonly ok: true;
  readonly kind: "entity";
  readonly ref: string;
  readonly description: string;
  /** Whether its new collections are private. */
  readonly defaultPrivate: boolean;
  readonly sizeBytes: number;
  /** Storage quota; 0 means unlimited. */
  readonly quotaBytes: number;
  /** Number of collections. */
  readonly collections: number;
}

/** A record of the library as text. */
export function showLines(shown: ShowJson): string[] {
  return [shown.ref, ...fieldsOf(shown)];
}

function fieldsOf(shown: ShowJson): string[] {
  if (shown.kind === "image") return imageFields(shown);
  if (shown.kind === "container") return containerFields(shown);
  return shown.kind === "collection" ? collectionFields(shown) : entityFields(shown);
}

function imageFields({ image }: ShowImageJson): string[] {
  return alignedFields([
    ["image hash", image.hash],
    ["size", sizeText(image.sizeBytes)],
    ["arch", image.arch ?? "unknown"],
    ["tags", image.tags.join(", ")],
    ["description", image.description],
    ["signed", yesNo(image.signed)],
    ["signed by", image.fingerprints.join(", ")],
    ["encrypted", yesNo(image.encrypted)],
    ["created", image.createdAt],
    ["uploaded", yesNo(image.uploaded)],
  ]);
}

function containerFields(container: ShowContainerJson): string[] {
  const tags = Object.entries(container.tags).map(
    ([arch, map]) => [`tags for ${arch}`, Object.keys(map).toSorted().join(", ")] as const,
  );
  return alignedFields([
    ["kind", "container"],
    ["description", container.description],
    ["private", yesNo(container.private)],
    ["size", sizeText(container.sizeBytes)],
    ["images", String(container.images)],
    ["pulls", String(container.downloads)],
    ...tags,
  ]);
}

function collectionFields(collection: ShowCollectionJson): string[] {
  return alignedFields([
    ["kind", "collection"],
    ["description", collection.description],
    ["private", yesNo(collection.private)],
    ["size", sizeText(collection.sizeBytes)],
    ["containers", String(collection.containers)],
  ]);
}

function entityFields(entity: ShowEntityJson): string[] {
  return alignedFields([
    ["kind", "entity"],
    ["description", entity.description],
    ["private by default", yesNo(entity.defaultPrivate)],
    ["size", sizeText(entity.sizeBytes)],
    ["quota", entity.quotaBytes === 0 ? "none" : sizeText(entity.quotaBytes)],
    ["collections", String(entity.collections)],
  ]);
}

function sizeText(bytes: number): string {
  return `${formatBytes(bytes)} (${bytes} bytes)`;
}

function yesNo(value: boolean | null): string {
  if (value === null) return "unknown";
  return value ? "yes" : "no";
}
