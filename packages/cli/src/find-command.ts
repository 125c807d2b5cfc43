import { COMMANDS, type CommandEntry } from "./commands/command-table.js";
import { splitArguments } from "./split-arguments.js";

/** What arguments ask for. */
export interface FoundCommand {
  readonly command: CommandEntry | undefined;
  /** The name that was typed, one or two words; `undefined` if there is none. */
  readonly name: string | undefined;
  /** What stands before and after the name. */
  readonly rest: readonly string[];
}

/** Finds the command that arguments name: by one word, or by two as in `sif list`. */
export function findCommand(argv: readonly string[]): FoundCommand {
  const { name, rest } = splitArguments(argv);
  if (name === undefined || !isGroup(name)) return { command: commandNamed(name), name, rest };
  const inner = splitArguments(rest);
  if (inner.name === undefined) return { command: undefined, name, rest };
  const fullName = `${name} ${inner.name}`;
  return { command: commandNamed(fullName), name: fullName, rest: inner.rest };
}

/** The commands whose names start with this word and go on. */
export function commandsOfGroup(word: string): readonly CommandEntry[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
}

/** Whether a word is the first of several commands' names. */
export function isGroup(word: string): boolean {
  return commandsOfGroup(word).length > 0;
}

function commandNamed(name: string | undefined): CommandEntry | undefined {
  if (name === undefined) return undefined;
  return COMMANDS.find((entry) => entry.name === name || entry.alias === name);
}
