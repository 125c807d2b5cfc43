/** One thing that is wrong with the configuration. */
export interface ConfigFault {
  /** Where it stands: a file's path, `environment` or `command line`. */
  readonly source: string;
  /** The setting as it is spelled there. */
  readonly key: string;
  /** What is wrong, and what is right. */
  readonly message: string;
}

/** A configuration that cannot be used, with everything that is wrong with it. Holds no values, as they may be secrets. */
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
