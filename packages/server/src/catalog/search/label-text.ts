import type { LabelMap } from "@sifshelf/protocol";

/** How much of a label's key, and of its value, a search looks at: the longest search text. */
const SEARCHED_LENGTH = 256;

/** How much of one image's labels a search looks at, in UTF-16 code units. */
const MAX_LABEL_TEXT_LENGTH = 8 * 1024;

/**
 * The lower-case text that a search for labels looks at: a line `key=value` for each, without
 * control characters.
 */
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

// Some databases end a text at NUL, others refuse it; half a surrogate pair is not valid text.
function searchable(text: string): string {
  return text
    .slice(0, SEARCHED_LENGTH)
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, " ")
    .toLowerCase();
}
