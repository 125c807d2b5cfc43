import { WireError } from "@sifshelf/protocol";

import { optionError } from "./option-error.js";

const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** The model, if it has an id that can stand in the path of a request. @throws WireError */
export function withId<T extends { readonly id: string }>(model: T, what: string): T {
  if (ID.test(model.id)) return model;
  throw new WireError(what, "data.id", "is not an id");
}

/** The id, if it can be one. @throws LibraryError `option-not-valid` */
export function checkId(id: string, what: string): string {
  if (typeof id === "string" && ID.test(id)) return id;
  throw optionError(`the id of the ${what} is not an id`);
}
