import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";

import type { LogLevel } from "./config.js";

// Tokens start with this, so one that has found its way into a message, an error or a URL can be told from everything else.
const TOKEN_MARK = "sifs_";
const TOKENS = /sifs_[A-Za-z0-9_-]*/g;

const REDACTED_PATHS = ["authorization", "cookie", "password", "secret", "token"].flatMap(
  (name) => [name, `*.${name}`, `*.headers.${name}`],
);

/** How to log. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go; by default standard output. */
  readonly destination?: DestinationStream | undefined;
}

/** A logger that writes one JSON object a line: `level` and `time` (ISO 8601) in words, `msg`, and no secrets. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: "[redacted]" },
      hooks: { streamWrite: withoutTokens },
    },
    // Written at once: nothing is lost when the process ends, and a line per request is not much.
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function withoutTokens(line: string): string {
  return line.includes(TOKEN_MARK) ? line.replaceAll(TOKENS, "[redacted]") : line;
}
