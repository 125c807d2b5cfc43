import type { ServerConfig } from "../settings/settings.js";

/** What every command gets. */
export interface CommandContext {
  readonly config: ServerConfig;
  /** Writes a line of results. */
  readonly print: (line: string) => void;
  /** Writes a line for the person who runs the command. */
  readonly note: (line: string) => void;
  /** Whether to print results as JSON. */
  readonly isJson: boolean;
  readonly nowMs: number;
}
