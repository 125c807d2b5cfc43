/** Whether `id` is in `list` (Go: `IDInSlice`). In new code, write `list.includes(id)`. */
export function idInSlice(id: string, list: readonly string[]): boolean {
  return list.includes(id);
}

/** Whether `text` is in `list` (Go: `StringInSlice`). In new code, write `list.includes(text)`. */
export function stringInSlice(text: string, list: readonly string[]): boolean {
  return list.includes(text);
}

/**
 * Returns `list` without any `id` (Go: `SliceWithoutID`). In new code, write `list.filter((each) =>
 * each !== id)`.
 */
export function sliceWithoutId(list: readonly string[], id: string): string[] {
  return list.filter((each) => each !== id);
}

/** Prints a value as indented JSON (Go: `PrettyPrint`), by default to the console. */
export function prettyPrint(
  value: unknown,
  // oxlint-disable-next-line no-console -- printing is what this function is for
  print: (text: string) => void = console.log,
): void {
  print(JSON.stringify(value, undefined, 2) ?? "null");
}
