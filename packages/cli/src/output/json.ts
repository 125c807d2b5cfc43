/** DEL, C1 controls, and characters that reorder or hide text. JSON does not escape them. */
const UNSAFE =
  /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/**
 * One line of JSON that is safe to print on a terminal: control characters are written as `\u`
 * escapes, so that the value is unchanged for programs.
 */
export function safeJson(value: object): string {
  return JSON.stringify(value).replace(UNSAFE, escapeUnits);
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
