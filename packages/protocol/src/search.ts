import Type, { type Static } from "typebox";

import { CollectionSchema } from "./collection.js";
import { ContainerSchema } from "./container.js";
import { EntitySchema } from "./entity.js";
import { ImageSchema } from "./image.js";
import { text } from "./json-schema.js";

/** Schema of {@link SearchResults}. */
export const SearchResultsSchema = Type.Object({
  entity: Type.Array(EntitySchema, { default: [] }),
  collection: Type.Array(CollectionSchema, { default: [] }),
  container: Type.Array(ContainerSchema, { default: [] }),
  image: Type.Array(ImageSchema, { default: [] }),
});
/** What a search found, by kind, with the wire's singular names. */
export type SearchResults = Static<typeof SearchResultsSchema>;

/** Schema of the reply to a search. `page.next` is an extension: where the next page starts, empty on the last one. */
export const SearchResponseSchema = Type.Object({
  data: SearchResultsSchema,
  page: Type.Optional(Type.Object({ next: text() })),
});
/** The reply to a search. */
export type SearchResponse = Static<typeof SearchResponseSchema>;
