import type { Collection, Container, Entity, Image } from "@sifshelf/protocol";

/** What to search for. */
export interface SearchQuery {
  /** Part of a name, at least 3 characters. */
  readonly value: string;
  /** One arch, several, or a comma-separated list. Limits the search to images. */
  readonly arch?: string | readonly string[] | undefined;
  /** Only signed or only unsigned images. Limits the search to images. */
  readonly signed?: boolean | undefined;
}

/** What a search found, by kind. */
export interface SearchResults {
  readonly entities: readonly Entity[];
  readonly collections: readonly Collection[];
  readonly containers: readonly Container[];
  readonly images: readonly Image[];
}
