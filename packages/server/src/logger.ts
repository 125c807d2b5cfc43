import { type DestinationStream, type Logger, pino } from "pino";

import { standardOutput } from "./log-output.js";
import type { LogLevel } from "./settings/settings.js";

/**
 * What tokens and signatures of URLs look like: wherever they have got to, a message, an error, a
 * URL, they can be told from everything else.
 */
const SECRET_TEXTS = /sifs_[A-Za-z0-9_-]*|(?<=signature=)[A-Za-z0-9_-]+/g;

/** Fields that hold secrets, whatever their values look like. */
const SECRET_FIELDS = new Set(["authorization", "cookie", "password", "secret", "token"]);

/** Whether a line may hold a secret at all. Few do, and redacting costs more than the line. */
const SUSPICION = new RegExp(`sifs_|signature=|"(?:${[...SECRET_FIELDS].join("|")})":`, "i");

const REDACTED = "[redacted]";

/** How to log. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go. Default: standard output. */
  readonly destination?: DestinationStream | undefined;
}

/**
 * Creates a logger that writes one JSON object a line, with `level` as a word, `time` in ISO 8601
 * and `msg`. Secrets are replaced by `[redacted]`.
 */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: withoutSecrets },
    },
    options.destination ?? standardOutput(),
  );
}

let lastTime = { ms: 0, text: "" };

/** The time as a field in ISO 8601. Lines of one millisecond share the text. */
function isoTime(): string {
  const ms = Date.now();
  if (ms !== lastTime.ms) lastTime = { ms, text: `,"time":"${new Date(ms).toISOString()}"` };
  return lastTime.text;
}

function withoutSecrets(line: string): string {
  if (!SUSPICION.test(line)) return line;
  const redacted: unknown = JSON.parse(line, (key, value: unknown) =>
    SECRET_FIELDS.has(key.toLowerCase()) ? REDACTED : value,
  );
  return `${JSON.stringify(redacted).replaceAll(SECRET_TEXTS, REDACTED)}\n`;
}
