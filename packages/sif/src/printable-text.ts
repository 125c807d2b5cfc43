// Control characters (C0, DEL, C1), characters that reorder or hide text, and lone surrogates.
const UNPRINTABLE =
  /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}\p{Cs}]/gu;

/**
 * Returns untrusted text, for example an object's name, in a form that is safe to print on a
 * terminal: control characters and characters that reorder or hide text become `\u{…}` escapes.
 *
 * This module is a package entry of its own, for programs that print untrusted text and read no
 * image.
 *
 * @param keep characters to keep unescaped, for example `"\n\t"` for documents
 */
export function printableText(text: string, keep = ""): string {
  return text.replace(UNPRINTABLE, (character) =>
    keep.includes(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
