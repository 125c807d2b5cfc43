import { LIBRARY_PREFIX, MAX_NAME_LENGTH, isRefPart, RefError } from "@sifshelf/protocol";

/**
 * The names of a ref that must have exactly `count` of them, `library://` optional and no tags.
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
