/** Writes one log entry. `fields` are plain data without secrets. */
export type LogFunction = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/**
 * Where a client writes its log. Each level is optional. Tokens and signed URLs are never passed to
 * it.
 */
export interface Logger {
  readonly debug?: LogFunction;
  readonly info?: LogFunction;
  readonly warn?: LogFunction;
  readonly error?: LogFunction;
}
