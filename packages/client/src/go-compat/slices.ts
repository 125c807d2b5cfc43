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
