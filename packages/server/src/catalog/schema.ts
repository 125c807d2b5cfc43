/**
 * The catalog's tables. Ids are 24 lower-case hex characters, times are milliseconds since 1970,
 * booleans are 0 or 1, sizes are bytes: types that SQLite and PostgreSQL share.
 */
export interface CatalogSchema {
  users: UsersTable;
  tokens: TokensTable;
  entities: EntitiesTable;
  collections: CollectionsTable;
  containers: ContainersTable;
  images: ImagesTable;
  tags: TagsTable;
  uploads: UploadsTable;
  upload_parts: UploadPartsTable;
  blobs: BlobsTable;
  inspections: InspectionsTable;
  signing_keys: SigningKeysTable;
  search_documents: SearchDocumentsTable;
  search_fill: SearchFillTable;
  jobs: JobsTable;
  leases: LeasesTable;
}

/** A truth value: 1 is true. */
export type Bit = 0 | 1;

interface Audit {
  /** Name of the user who made the row. */
  created_by: string;
  created_at: number;
  updated_by: string | null;
  updated_at: number | null;
}

export interface UsersTable {
  id: string;
  name: string;
  is_admin: Bit;
  created_at: number;
}

export interface TokensTable {
  id: string;
  user_id: string;
  /** SHA-256 of the token, lower-case hex; the token itself is nowhere. */
  hash: string;
  label: string;
  /** Highest scope; each includes those before it. */
  scope: "read" | "write" | "admin";
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

export interface EntitiesTable extends Audit {
  id: string;
  name: string;
  description: string;
  owner_id: string;
  quota_bytes: number;
  default_private: Bit;
  custom_data: string;
}

export interface CollectionsTable extends Audit {
  id: string;
  entity_id: string;
  name: string;
  description: string;
  private: Bit;
  custom_data: string;
}

export interface ContainersTable extends Audit {
  id: string;
  collection_id: string;
  name: string;
  description: string;
  full_description: string;
  private: Bit;
  read_only: Bit;
  download_count: number;
  stars: number;
  custom_data: string;
}

export interface ImagesTable extends Audit {
  id: string;
  container_id: string;
  /** `sha256.<hex>`, unique within the container. */
  hash: string;
  description: string;
  /** 0 until uploaded. */
  size: number;
  uploaded: Bit;
  /** `sha256:<hex>` of the stored bytes; null until uploaded. */
  blob_digest: string | null;
  arch: string | null;
  signed: Bit | null;
  encrypted: Bit | null;
  /** JSON array of lower-case hex fingerprints. */
  fingerprints: string;
  /** UUID of the SIF header; null when absent or all zero. */
  sif_id: string | null;
  custom_data: string;
}

export interface TagsTable {
  container_id: string;
  /** Go's name of the arch; empty for the plain, arch-less tag. */
  arch: string;
  name: string;
  image_id: string;
  updated_by: string;
  updated_at: number;
}

export interface UploadsTable {
  id: string;
  image_id: string;
  /** User who opened it; nobody else may use it. */
  user_id: string;
  kind: "single" | "multipart";
  size: number;
  /** Expected MD5 of the whole, lower-case hex, if the client gave one. */
  md5: string | null;
  /** Bytes of every part but the last; equals `size` for `single`. */
  part_size: number;
  total_parts: number;
  state: "open" | "completed" | "aborted";
  created_at: number;
  /** Pushed forward whenever bytes arrive. */
  expires_at: number;
}

export interface UploadPartsTable {
  upload_id: string;
  part_number: number;
  size: number;
  /**
   * What sums the part as received, and is its ETag without the quotes: its SHA-256, or `crc32-`
   * and its CRC-32, lower-case hex.
   */
  etag: string;
  received_at: number;
}

export interface BlobsTable {
  /** `sha256:<hex>`. */
  digest: string;
  size: number;
  created_at: number;
}

export interface InspectionsTable {
  /** The blob that was inspected; the row goes with it. */
  digest: string;
  inspected_at: number;
  /** What a search for labels looks into: lower-case lines `key=value`. */
  label_text: string;
  /** JSON object of texts. */
  labels: string;
  /** JSON of everything else that was found: the protocol's `SifContents` without labels. */
  contents: string;
}

/** What a search looks at: one row for each entity, collection, container and uploaded image. */
export interface SearchDocumentsTable {
  /** Of a range for each kind; within it, newer documents have higher numbers. */
  seq: number;
  kind: "entity" | "collection" | "container" | "image";
  /** Of the entity, collection, container or image. */
  id: string;
  /** Who may see it, as a hint: 0 for everybody, otherwise a number made from the entity's id. */
  scope: number;
  /** The arches of an image, by its file and its tags, with a space around each. */
  arch: string;
  signed: Bit;
  /** Everything that a search looks at, in lower case. */
  text: string;
}

/** One row while things of an older release have no document yet: all with an id below it. */
export interface SearchFillTable {
  before_id: string;
}

export interface SigningKeysTable {
  id: string;
  /** 32 random bytes, base64url. */
  secret: string;
  created_at: number;
  /** 1 for the first key, unique; null if an older release created it. */
  generation: number | null;
}

export interface JobsTable {
  /** Names this row for ever, also when a job of its kind and key is made again. */
  id: string;
  kind: string;
  /** What it is about, unique within the kind. */
  key: string;
  state: "ready" | "running" | "done" | "failed";
  /** When it may start; while it is running, when its owner's lease ends; then when it ended. */
  run_at: number;
  /** Claims since it last made progress. */
  attempts: number;
  /** Rises with every claim. */
  fence: number;
  /** Process that runs it. */
  owner: string | null;
  /** Whether it was enqueued again while it was running. */
  again: Bit;
  /** Where the next attempt goes on. */
  progress: string | null;
  result: string | null;
  /** Why the last attempt failed. */
  error: string | null;
}

export interface LeasesTable {
  name: string;
  /** Process that holds it, or held it last. */
  owner: string;
  /** Rises with every hold. */
  fence: number;
  /** 0 when it was released. */
  ends_at: number;
}
