/** Prints a value as indented JSON (Go: `PrettyPrint`), by default on the console. */
export function prettyPrint(
  value: unknown,
  // oxlint-disable-next-line no-console -- printing is what this function is for
  print: (text: string) => void = console.log,
): void {
  print(JSON.stringify(value, undefined, 2) ?? "null");
}
