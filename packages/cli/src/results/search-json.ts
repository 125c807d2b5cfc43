import type { ImageJson } from "./image-json.js";

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
