import type {
  ArchTagMap,
  Collection,
  Container,
  Entity,
  Image,
  LabelMap,
  TagMap,
} from "@sifshelf/protocol";

import type { CollectionContents } from "../catalog/collections.js";
import type { ContainerContents } from "../catalog/containers.js";
import type { EntityContents } from "../catalog/entities.js";
import type {
  AuditRecord,
  CollectionRecord,
  ContainerRecord,
  EntityRecord,
  ImageRecord,
  TagRecord,
} from "../catalog/records.js";
import type { Sent } from "./sent.js";

/**
 * The entity as it goes over the wire. Without `contents`, which a deletion can cause, it is empty.
 */
export function entityModel(
  record: EntityRecord,
  contents: EntityContents | undefined,
): Sent<Entity> {
  return {
    deleted: false,
    createdBy: record.createdBy,
    createdAt: timeText(record.createdAtMs),
    updatedBy: record.updatedBy ?? undefined,
    updatedAt: updateTime(record),
    owner: record.ownerName,
    id: record.id,
    name: record.name,
    description: record.description,
    collections: contents?.collectionIds ?? [],
    size: contents?.sizeBytes ?? 0,
    quota: record.quotaBytes,
    defaultPrivate: record.defaultPrivate,
    customData: record.customData,
  };
}

/** The collection as it goes over the wire; see {@link entityModel}. */
export function collectionModel(
  record: CollectionRecord,
  contents: CollectionContents | undefined,
): Sent<Collection> {
  return {
    deleted: false,
    createdBy: record.createdBy,
    createdAt: timeText(record.createdAtMs),
    updatedBy: record.updatedBy ?? undefined,
    updatedAt: updateTime(record),
    owner: record.ownerName,
    id: record.id,
    name: record.name,
    description: record.description,
    entity: record.entityId,
    containers: contents?.containerIds ?? [],
    size: contents?.sizeBytes ?? 0,
    private: record.isPrivate,
    customData: record.customData,
    entityName: record.entityName,
  };
}

/** The container as it goes over the wire; see {@link entityModel}. */
export function containerModel(
  record: ContainerRecord,
  contents: ContainerContents | undefined,
): Sent<Container> {
  const tags = contents?.tags ?? [];
  return {
    deleted: false,
    createdBy: record.createdBy,
    createdAt: timeText(record.createdAtMs),
    updatedBy: record.updatedBy ?? undefined,
    updatedAt: updateTime(record),
    owner: record.ownerName,
    id: record.id,
    name: record.name,
    description: record.description,
    fullDescription: record.fullDescription,
    collection: record.collectionId,
    images: contents?.imageIds ?? [],
    imageTags: plainTagMap(tags),
    archTags: archTagMap(tags),
    size: contents?.sizeBytes ?? 0,
    downloadCount: record.downloadCount,
    stars: record.stars,
    private: record.isPrivate,
    readOnly: record.isReadOnly,
    customData: record.customData,
    entity: record.entityId,
    entityName: record.entityName,
    collectionName: record.collectionName,
  };
}

/**
 * The image as it goes over the wire, with the names of the tags that point to it, and with its
 * labels if given.
 */
export function imageModel(
  record: ImageRecord,
  tags: readonly string[],
  labels?: LabelMap,
): Sent<Image> {
  const { container } = record;
  const inspected = record.isUploaded ? record : undefined;
  return {
    deleted: false,
    createdBy: record.createdBy,
    createdAt: timeText(record.createdAtMs),
    updatedBy: record.updatedBy ?? undefined,
    updatedAt: updateTime(record),
    owner: container.ownerName,
    id: record.id,
    hash: record.hash,
    description: record.description,
    container: container.id,
    size: record.sizeBytes,
    uploaded: record.isUploaded,
    signed: inspected?.isSigned ?? undefined,
    encrypted: inspected?.isEncrypted ?? undefined,
    arch: inspected?.arch ?? undefined,
    fingerprints: inspected?.fingerprints,
    uuid: inspected?.sifId ?? undefined,
    labels,
    customData: record.customData,
    entity: container.entityId,
    entityName: container.entityName,
    collection: container.collectionId,
    collectionName: container.collectionName,
    containerName: container.name,
    tags,
    containerDescription: container.description,
    containerStars: container.stars,
    containerDownloads: container.downloadCount,
  };
}

/** The plain tags, for clients that know no arch. */
export function plainTagMap(tags: readonly TagRecord[]): TagMap {
  return Object.fromEntries(
    tags.filter(({ arch }) => arch === "").map(({ name, imageId }) => [name, imageId]),
  );
}

/** The tags of an arch, by arch. */
export function archTagMap(tags: readonly TagRecord[]): ArchTagMap {
  const arches = new Set(tags.map(({ arch }) => arch).filter((arch) => arch !== ""));
  return Object.fromEntries(
    [...arches].map((arch) => [
      arch,
      Object.fromEntries(
        tags.filter((tag) => tag.arch === arch).map(({ name, imageId }) => [name, imageId]),
      ),
    ]),
  );
}

// Go clients abort on times that are not RFC 3339, such as an empty text: the time of an update
// that never happened is left out.
function updateTime({ updatedAtMs }: AuditRecord): string | undefined {
  return updatedAtMs === null ? undefined : timeText(updatedAtMs);
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
