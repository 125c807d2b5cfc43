/** Writes one line of a log. `fields` are plain data without secrets. */
export type LogFunction = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Where a client writes its log; each level is optional. Tokens and signed URLs never get here. */
export interface Logger {
  readonly debug?: LogFunction;
  readonly info?: LogFunction;
  readonly warn?: LogFunction;
  readonly error?: LogFunction;
}
