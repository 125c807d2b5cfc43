import { COMMANDS } from "./command-table.js";
import type { CommandEntry } from "./options/command-definition.js";
import { splitArguments } from "./options/split-arguments.js";

/** Maximum number of edits between what was typed and a suggestion. */
const MAX_EDITS = 2;

/** The name closest to `typed`, if it is at most two edits away; for suggestions. */
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

/** The command that arguments name. */
export interface FoundCommand {
  readonly command: CommandEntry | undefined;
  /** The name that was typed, one or two words; `undefined` if there is none. */
  readonly name: string | undefined;
  /** The arguments before and after the name. */
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

/** The commands of a group: `sif` has `sif list` and others. */
export function commandsOfGroup(word: string): readonly CommandEntry[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
}

/** Whether a word is a group of commands. */
export function isGroup(word: string): boolean {
  return commandsOfGroup(word).length > 0;
}

function commandNamed(name: string | undefined): CommandEntry | undefined {
  if (name === undefined) return undefined;
  return COMMANDS.find((entry) => entry.name === name || entry.alias === name);
}
