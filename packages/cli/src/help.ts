import { COMMANDS } from "./command-table.js";
import { commandsOfGroup } from "./find-command.js";

/** The help of `sifshelf` itself. */
export function rootHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const commands = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: sifshelf <command> [options]

Push, pull and search SIF images in a container library; inspect, verify, sign and edit image files.

Commands:
${commands.join("\n")}

Options:
  -h, --help       show this help, or the help of a command
  -V, --version    print the version of sifshelf

Common options, for every command:
  --library <url>  base URL of the library
  --no-https       use plain http for a ref that names a host
  --ca-file <file> also trust the certificates in this PEM file
  --json           print the result, or the error, as one line of JSON
  -q, --quiet      no progress and no notes
  -v, --verbose    trace requests on standard error
  --no-color       no colours

Precedence for the library: --library, the host in the ref, SIFSHELF_LIBRARY, the default of
"sifshelf login", the active remote of ~/.apptainer/remote.yaml or ~/.singularity/remote.yaml.
SIFSHELF_TOKEN is a token for that library; it is never sent to a host that only a ref names.

Examples:
  sifshelf login https://library.example.org
  sifshelf push alpine.sif library://alice/images/alpine:3.18
  sifshelf pull library://alice/images/alpine:3.18
  sifshelf search alpine
  sifshelf verify --key alice.asc alpine.sif
  sifshelf help pull
`;
}

/** The help of a group of commands. */
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
