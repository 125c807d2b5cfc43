import { text } from "../schema/fields.js";
import { objectSchema, type Static } from "../schema/schema.js";

/** Schema of {@link Identity}. This reply is not wrapped in `data`. */
export const IdentitySchema = objectSchema({
  username: text(),
  email: text(),
  realname: text(),
});
/** The user that the request's token belongs to. */
export type Identity = Static<typeof IdentitySchema>;
