/** A span of an input: `text` begins at `offset` (UTF-16 code units) of `input`. */
export interface RefSpan {
  readonly input: string;
  readonly offset: number;
  readonly text: string;
}

/** All of `input`. */
export function wholeSpan(input: string): RefSpan {
  return { input, offset: 0, text: input };
}

/** The text of `span` from `start` up to `end`, relative to the span; default: to its end. */
export function sliceSpan(span: RefSpan, start: number, end?: number): RefSpan {
  const text = span.text.slice(start, end);
  return { input: span.input, offset: span.offset + start, text };
}

/**
 * Splits `span` at the first `separator`. Without one, `after` is the empty span at its end and
 * `found` is false.
 */
export function splitSpan(
  span: RefSpan,
  separator: string,
): { before: RefSpan; after: RefSpan; found: boolean } {
  const at = span.text.indexOf(separator);
  if (at < 0) return { before: span, after: sliceSpan(span, span.text.length), found: false };
  const after = sliceSpan(span, at + separator.length);
  return { before: sliceSpan(span, 0, at), after, found: true };
}
