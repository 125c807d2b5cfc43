import { commandsOfGroup } from "./find-command.js";

/** The help of a word that several commands' names start with. */
export function groupHelp(word: string): string {
  const commands = commandsOfGroup(word);
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: sifshelf ${word} <command> [options]

Commands:
${lines.join("\n")}

See "sifshelf help ${commands[0]?.name ?? word}" for the options of a command.
`;
}
