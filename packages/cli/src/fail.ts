import { CliError } from "./errors/cli-error.js";
import type { CliContext } from "./context/context.js";
import { type ErrorReport, reportError } from "./errors/error-report.js";
import { EXIT_CODES, type ExitCode } from "./errors/exit-codes.js";
import { Interruption } from "./context/interruption.js";
import { usageLine } from "./options/parse-command.js";
import { createPaint } from "./output/colour.js";
import { errorLines } from "./output/error-lines.js";
import { safeJson } from "./output/json.js";
import { write } from "./output/write.js";
import type { CommandEntry } from "./options/command-definition.js";
import { hasFlag } from "./options/split-arguments.js";
import type { ErrorJson } from "./errors/error-json.js";

/** The command that failed, and what it ran with. */
export interface Failure {
  readonly argv: readonly string[];
  readonly command: CommandEntry | undefined;
  readonly context: CliContext;
}

/**
 * Prints the error that a command threw, as text or JSON, and returns its exit code. Never rejects.
 */
export async function fail(error: unknown, failure: Failure): Promise<ExitCode> {
  const { argv, command, context } = failure;
  const cause: unknown = context.signal.aborted ? context.signal.reason : error;
  const report =
    cause instanceof Interruption
      ? reportInterruption(cause)
      : await withUsage(reportError(error), command);
  // The reader of the output is gone: nothing went wrong in the command, and nothing can be
  // printed.
  if (error instanceof CliError && error.code === "output-closed") return report.exitCode;
  if (hasFlag(argv, "--json"))
    await printJson({ ok: false, code: report.code, error: report }, context);
  else printText(report, failure);
  return report.exitCode;
}

function reportInterruption({ signalName, message }: Interruption): ErrorReport {
  return signalName === "SIGINT"
    ? { code: "interrupted", message, exitCode: EXIT_CODES.interrupted }
    : { code: "terminated", message, exitCode: EXIT_CODES.terminated };
}

/** Adds the usage line to usage errors that have none. */
async function withUsage(
  report: ErrorReport,
  command: CommandEntry | undefined,
): Promise<ErrorReport> {
  if (report.exitCode !== EXIT_CODES.usage || report.usage !== undefined) return report;
  const definition = (await command?.load())?.define();
  if (definition === undefined) return report;
  return { ...report, usage: usageLine(definition) };
}

function printText(report: ErrorReport, { argv, context }: Failure): void {
  const { stderr, env } = context;
  const allowed = !hasFlag(argv, "--no-color");
  const paint = createPaint({ isTerminal: stderr.isTTY === true, env, allowed });
  stderr.write(`${errorLines(report, paint).join("\n")}\n`);
}

async function printJson(json: ErrorJson, { stdout }: CliContext): Promise<void> {
  // Nothing can be printed to a closed output; the exit code still says what went wrong.
  await write(stdout, `${safeJson(json)}\n`).catch(() => {});
}
