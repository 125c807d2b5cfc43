import type { RefPiece } from "./ref-error.js";

/** All of `input`. */
export function wholePiece(input: string): RefPiece {
  return { input, offset: 0, text: input };
}

/** The part of `piece` from `start` to before `end`, counted within the piece; to its end by default. */
export function slicePiece(piece: RefPiece, start: number, end?: number): RefPiece {
  const text = piece.text.slice(start, end);
  return { input: piece.input, offset: piece.offset + start, text };
}

/**
 * What stands before and after the first `separator` of `piece`. Without one, `after` is the empty piece at its end
 * and `found` is false.
 */
export function cutPiece(
  piece: RefPiece,
  separator: string,
): { before: RefPiece; after: RefPiece; found: boolean } {
  const at = piece.text.indexOf(separator);
  if (at < 0) return { before: piece, after: slicePiece(piece, piece.text.length), found: false };
  const after = slicePiece(piece, at + separator.length);
  return { before: slicePiece(piece, 0, at), after, found: true };
}
