/** Whether `id` is in `list` (Go: `IDInSlice`). New code says `list.includes(id)`. */
export function idInSlice(id: string, list: readonly string[]): boolean {
  return list.includes(id);
}

/** Whether `text` is in `list` (Go: `StringInSlice`). New code says `list.includes(text)`. */
export function stringInSlice(text: string, list: readonly string[]): boolean {
  return list.includes(text);
}

/** `list` without any `id` (Go: `SliceWithoutID`). New code says `list.filter((each) => each !== id)`. */
export function sliceWithoutId(list: readonly string[], id: string): string[] {
  return list.filter((each) => each !== id);
}

/** Prints a value as indented JSON (Go: `PrettyPrint`), by default on the console. */
export function prettyPrint(
  value: unknown,
  // oxlint-disable-next-line no-console -- printing is what this function is for
  print: (text: string) => void = console.log,
): void {
  print(JSON.stringify(value, undefined, 2) ?? "null");
}
