import type { ImageJson } from "./image-json.js";

/** What `sifshelf show --json` prints; `kind` says which of the others it is. */
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
  /** Storage allowed; 0 is unlimited. */
  readonly quotaBytes: number;
  /** Number of collections. */
  readonly collections: number;
}
