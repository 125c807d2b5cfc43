import {
  isRefPart,
  LIBRARY_PREFIX,
  MAX_NAME_LENGTH,
  RefError,
  WireError,
} from "@sifshelf/protocol";

import { optionError } from "../errors/library-error.js";

/**
 * Returns the names of a ref that must have exactly `count` of them, with an optional `library://`
 * and no tags.
 *
 * @throws RefError `ref-path-not-valid`
 */
export function refNames(ref: string, count: number): readonly string[] {
  const text = ref.startsWith(LIBRARY_PREFIX) ? ref.slice(LIBRARY_PREFIX.length) : ref;
  const names = text.split("/", count + 1);
  const areNames = names.every((name) => name.length <= MAX_NAME_LENGTH && isRefPart(name));
  if (names.length === count && areNames) return names;
  throw new RefError(
    "ref-path-not-valid",
    { input: ref, offset: 0, text: ref },
    `is not ${["an entity", "entity/collection", "entity/collection/container"][count - 1]}, each in lower-case letters and digits with single ".", "-" or "_" between them`,
  );
}

const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Returns the model if its id can be used in the path of a request. @throws WireError */
export function withId<T extends { readonly id: string }>(model: T, what: string): T {
  if (ID.test(model.id)) return model;
  throw new WireError(what, "data.id", "is not an id");
}

/** Returns the id if it is valid. @throws LibraryError `option-not-valid` */
export function checkId(id: string, what: string): string {
  if (typeof id === "string" && ID.test(id)) return id;
  throw optionError(`the id of the ${what} is not valid`);
}
