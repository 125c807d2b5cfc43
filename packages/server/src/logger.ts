import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";

import type { LogLevel } from "./settings/settings.js";

// What tokens and signatures of URLs look like: they can be told from everything else wherever they have found their way to, a
// message, an error, a URL.
const SECRETS = /sifs_[A-Za-z0-9_-]*|(?<=signature=)[A-Za-z0-9_-]+/g;

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
      hooks: { streamWrite: withoutSecrets },
    },
    // Written at once: nothing is lost when the process ends, and a line per request is not much.
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function withoutSecrets(line: string): string {
  return line.replaceAll(SECRETS, "[redacted]");
}
