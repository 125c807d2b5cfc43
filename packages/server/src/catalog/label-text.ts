import type { LabelMap } from "@sifshelf/protocol";

/** How much of one label's key and value a search looks at: as much as a search text can have. */
const SEARCHED_LENGTH = 256;

/** Most text of one image's labels that a search looks at, in UTF-16 code units: half of what a description may have. */
const MAX_LABEL_TEXT_LENGTH = 8 * 1024;

/** The lower-case text that a search for labels looks into: a line `key=value` for each, without control characters. */
export function labelTextOf(labels: LabelMap): string {
  const lines: string[] = [];
  let length = 0;
  for (const [key, value] of Object.entries(labels)) {
    const line = `${searchable(key)}=${searchable(value)}`;
    length += line.length + 1;
    if (length > MAX_LABEL_TEXT_LENGTH) break;
    lines.push(line);
  }
  return lines.join("\n");
}

// NUL ends a text for some databases and is none for others; half a surrogate pair is not text at all.
function searchable(text: string): string {
  return text
    .slice(0, SEARCHED_LENGTH)
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, " ")
    .toLowerCase();
}
