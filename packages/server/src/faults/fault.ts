import { ERROR_CODES, type ErrorCode } from "@sifshelf/protocol";

/**
 * The reason for not doing what was requested, with a code of the error catalogue. The message is
 * for the user: it says what was tried, on what, and what to do next, and holds no secret.
 */
export class Fault extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Fault";
    this.code = code;
  }
}

/** A fault whose message is the catalogue's: `meaning; advice`. */
export function faultOf(code: ErrorCode): Fault {
  const { meaning, advice } = ERROR_CODES[code];
  return new Fault(code, `${meaning}; ${advice}`);
}
