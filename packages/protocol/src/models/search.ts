import { CollectionSchema } from "./collection.js";
import { ContainerSchema } from "./container.js";
import { EntitySchema } from "./entity.js";
import { ImageSchema } from "./image.js";
import { text } from "../schema/fields.js";
import { arraySchema, objectSchema, optional, type Static } from "../schema/schema.js";

/** Schema of {@link SearchResults}. */
export const SearchResultsSchema = objectSchema({
  entity: arraySchema(EntitySchema, { default: [] }),
  collection: arraySchema(CollectionSchema, { default: [] }),
  container: arraySchema(ContainerSchema, { default: [] }),
  image: arraySchema(ImageSchema, { default: [] }),
});
/** What a search found, by kind. The wire's names are singular. */
export type SearchResults = Static<typeof SearchResultsSchema>;

/**
 * Schema of the reply to a search. `page.next` is an extension: the start of the next page, empty
 * on the last one.
 */
export const SearchResponseSchema = objectSchema({
  data: SearchResultsSchema,
  page: optional(objectSchema({ next: text() })),
});
/** The reply to a search. */
export type SearchResponse = Static<typeof SearchResponseSchema>;
