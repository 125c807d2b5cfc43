import { CliError } from "../errors/cli-error.js";
import type { CliContext } from "../context/context.js";
import { readStream } from "../files/read-stream.js";

/** Longest passphrase, in bytes. */
const MAX_PASSPHRASE_BYTES = 64 * 1024;

/**
 * Returns a source of passphrases: the first line of standard input for all keys, or a prompt for
 * each key on the terminal. Errors never contain the passphrase.
 */
export function passphraseSource(
  fromStdin: boolean,
  context: Pick<CliContext, "stdin" | "stderr" | "prompts" | "signal">,
): (file: string) => Promise<string> {
  let given: Promise<string> | undefined;
  return (file) => {
    if (!fromStdin) return askOnTerminal(file, context);
    given ??= readFirstLine(context);
    return given;
  };
}

async function readFirstLine({
  stdin,
  signal,
}: Pick<CliContext, "stdin" | "signal">): Promise<string> {
  const bytes = await readStream(stdin, MAX_PASSPHRASE_BYTES, signal);
  const line = bytes?.toString("utf8").split(/\r?\n/, 1)[0] ?? "";
  if (line !== "") return line;
  const found = bytes === undefined ? "contains more than a passphrase" : "contains no passphrase";
  throw new CliError("passphrase-not-valid", `standard input ${found}`);
}

async function askOnTerminal(
  file: string,
  { stdin, stderr, prompts }: Pick<CliContext, "stdin" | "stderr" | "prompts">,
): Promise<string> {
  if (stdin.isTTY === true && stderr.isTTY === true) {
    return prompts.secret(`Passphrase of the key in ${file}`);
  }
  throw new CliError("no-terminal", "cannot ask for the passphrase: there is no terminal", {
    next: "use --passphrase-stdin and pipe the passphrase in",
  });
}
