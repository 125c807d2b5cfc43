import type { ImageHash, Digest } from "@sifshelf/protocol";

import type { Scope } from "../access/principal.js";

/** Names of the users who created and last changed a record; times are milliseconds since 1970. */
export interface AuditRecord {
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly updatedBy: string | null;
  readonly updatedAtMs: number | null;
}

/** A user: may hold tokens and own entities. */
export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly createdAtMs: number;
}

/** A token. Its secret is not kept. */
export interface TokenRecord {
  readonly id: string;
  readonly userId: string;
  readonly label: string;
  readonly scope: Scope;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** A user or group, first part of a ref. */
export interface EntityRecord extends AuditRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly quotaBytes: number;
  readonly defaultPrivate: boolean;
  readonly customData: string;
}

/** A collection, with what decides who may see it. */
export interface CollectionRecord extends AuditRecord {
  readonly id: string;
  readonly entityId: string;
  readonly entityName: string;
  /** Owner of the entity. */
  readonly ownerId: string;
  readonly ownerName: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  readonly customData: string;
}

/** A container, with what decides who may see it. */
export interface ContainerRecord extends AuditRecord {
  readonly id: string;
  readonly entityId: string;
  readonly entityName: string;
  /** Owner of the entity. */
  readonly ownerId: string;
  readonly ownerName: string;
  readonly collectionId: string;
  readonly collectionName: string;
  readonly name: string;
  readonly description: string;
  readonly fullDescription: string;
  /** Private itself or by its collection. */
  readonly isPrivate: boolean;
  readonly isReadOnly: boolean;
  readonly downloadCount: number;
  readonly stars: number;
  readonly customData: string;
}

/** An image and the container it belongs to. */
export interface ImageRecord extends AuditRecord {
  readonly id: string;
  readonly container: ContainerRecord;
  readonly hash: ImageHash;
  readonly description: string;
  /** Bytes; 0 until uploaded. */
  readonly sizeBytes: number;
  readonly isUploaded: boolean;
  /** Null until uploaded. */
  readonly blobDigest: Digest | null;
  readonly arch: string | null;
  readonly isSigned: boolean | null;
  readonly isEncrypted: boolean | null;
  readonly fingerprints: readonly string[];
  readonly sifId: string | null;
  readonly customData: string;
}

/** Facts that the inspection of an uploaded file found. */
export interface InspectedImage {
  readonly arch: string | null;
  readonly isSigned: boolean;
  readonly isEncrypted: boolean;
  readonly fingerprints: readonly string[];
  readonly sifId: string | null;
}

/** A tag of a container. The plain tag, for clients that know no arch, has an empty `arch`. */
export interface TagRecord {
  readonly arch: string;
  readonly name: string;
  readonly imageId: string;
}

/** One push session. */
export interface UploadRecord {
  readonly id: string;
  readonly imageId: string;
  readonly userId: string;
  readonly kind: "single" | "multipart";
  readonly sizeBytes: number;
  readonly md5: string | null;
  readonly partSizeBytes: number;
  readonly totalParts: number;
  readonly state: "open" | "completed" | "aborted";
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** A part that was received whole. */
export interface UploadPartRecord {
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** Lower-case hex without quotes: the SHA-256 of the bytes, or `crc32-` and their CRC-32. */
  readonly etag: string;
}
