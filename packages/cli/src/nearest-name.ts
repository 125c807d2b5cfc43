/** Most edits between what was typed and what is suggested. */
const MAX_EDITS = 2;

/** The name that `typed` most resembles, if it is at most two edits away; for suggestions. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, edits: editDistance(typed, name) }))
    .filter(({ name, edits }) => edits <= Math.min(MAX_EDITS, name.length - 1))
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0]?.name;
}

/** Insertions, deletions and replacements that turn one text into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > MAX_EDITS) return Number.POSITIVE_INFINITY;
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, character] of from.split("").entries()) {
    const current = [row + 1];
    for (const [column, wanted] of to.split("").entries()) {
      const replaced = (above[column] ?? 0) + (character === wanted ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
