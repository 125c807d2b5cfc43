import { WireError } from "@sifshelf/protocol";

const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** The model, if it has an id that can stand in the path of a request. @throws WireError */
export function withId<T extends { readonly id: string }>(model: T, what: string): T {
  if (ID.test(model.id)) return model;
  throw new WireError(what, "data.id", "is not an id");
}
