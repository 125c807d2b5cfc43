const BRAND = Symbol.for("sifshelf.WireError");

/**
 * A document from the other side does not match its schema. `path` names the invalid field
 * (`data.size`), empty for the whole document; `what` names the document (`image`).
 */
export class WireError extends Error {
  readonly code = "wire-format";
  readonly [BRAND] = true;
  readonly what: string;
  readonly path: string;

  constructor(what: string, path: string, problem: string) {
    super(`${what}: ${path === "" ? "" : `field "${path}" `}${problem}`);
    this.name = "WireError";
    this.what = what;
    this.path = path;
  }
}

/** Whether `error` is a {@link WireError}, also one from a second copy of this package. */
export function isWireError(error: unknown): error is WireError {
  return typeof error === "object" && error !== null && BRAND in error;
}
