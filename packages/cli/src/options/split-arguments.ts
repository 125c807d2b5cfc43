/** Names the library. It takes a value and, like every common option, may precede the command. */
export const LIBRARY_FLAG = "--library";

/** Names a file of certificates to trust. It takes a value and may precede the command. */
export const CA_FILE_FLAG = "--ca-file";

/** Arguments split at the command's name. */
export interface SplitArguments {
  /** The command's name; `undefined` if there is none. */
  readonly name: string | undefined;
  /** The arguments before and after the name. */
  readonly rest: readonly string[];
}

const VALUED_FLAGS: ReadonlySet<string> = new Set([CA_FILE_FLAG, LIBRARY_FLAG]);

/** Finds the command's name: the first argument that is neither an option nor the value of one. */
export function splitArguments(argv: readonly string[]): SplitArguments {
  let index = 0;
  while (index < argv.length && argv[index]?.startsWith("-") === true) {
    index += VALUED_FLAGS.has(argv[index] ?? "") ? 2 : 1;
  }
  return { name: argv[index], rest: [...argv.slice(0, index), ...argv.slice(index + 1)] };
}

/** Whether an option stands among the arguments, before any `--`. */
export function hasFlag(argv: readonly string[], ...flags: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const options = end === -1 ? argv : argv.slice(0, end);
  return options.some((argument) => flags.includes(argument));
}
