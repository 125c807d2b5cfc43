import { ERROR_CODES, type ErrorCode } from "@sifshelf/protocol";

/**
 * Why the library did not do what was asked, by the code of the error catalogue. The message is shown to the user: it says what
 * was tried, on what, and what to do, and holds no secret.
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
