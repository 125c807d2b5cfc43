/** One problem of the configuration. */
export interface ConfigFault {
  /** Where it is: the path of a file, `environment` or `command line`. */
  readonly source: string;
  /** The setting, as spelled there. */
  readonly key: string;
  /** What is wrong, and what would be valid. */
  readonly message: string;
}

/**
 * A configuration that is not valid, with all of its problems. Holds no values: they may be
 * secrets.
 */
export class ConfigError extends Error {
  readonly code = "config-not-valid";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map((fault) => `  ${fault.source}: ${fault.key}: ${fault.message}`);
    super(`the configuration is not valid:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.faults = faults;
  }
}
