/** What can be found, each kind with its own list of results. */
export type SearchKind = "entity" | "collection" | "container" | "image";

/** Stands between the fields of a document. No search text has it, so no match spans two fields. */
const SEPARATOR = "\u{E000}";

/** Private-use characters (the index uses them itself) and halves of surrogate pairs. */
const NOT_INDEXED = /[\p{Co}\p{Cs}]/gu;

/** The text of a document: its fields that are not empty, in lower case. */
export function documentText(fields: readonly string[]): string {
  return fields
    .map((field) => lowerCase(field.replaceAll(NOT_INDEXED, "")))
    .filter((field) => field !== "")
    .join(SEPARATOR);
}

/** What a document is searched for when a user types `text`. */
export function searchedText(text: string): string {
  return lowerCase(text);
}

/**
 * Whether a search for `text` makes sense: it has no NUL, which ends a text for some databases, no
 * private-use character and no half of a surrogate pair.
 */
export function isSearchable(text: string): boolean {
  return !text.includes("\0") && text.search(NOT_INDEXED) === -1;
}

// A sigma at the end of a word has a lower case of its own. What follows must not matter here.
function lowerCase(text: string): string {
  return text.toLowerCase().replaceAll("ς", "σ");
}
