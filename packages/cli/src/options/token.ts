import { CliError } from "../cli-error.js";

/** Longest token; the same as other clients accept. */
export const MAX_TOKEN_LENGTH = 4096;

/** Visible ASCII, as an HTTP header can carry it. */
const TOKEN_FORM = /^[\x21-\x7e]+$/;

/**
 * A token as it was given, without surrounding white space. The text never appears in the error.
 *
 * @param origin where the token came from, for the message
 * @throws {CliError} `token-not-valid`
 */
export function parseToken(text: string, origin: string): string {
  const token = text.trim();
  if (token === "") throw new CliError("token-not-valid", `the token from ${origin} is empty`);
  if (token.length > MAX_TOKEN_LENGTH) {
    const limit = `${MAX_TOKEN_LENGTH} characters`;
    throw new CliError("token-not-valid", `the token from ${origin} is longer than ${limit}`);
  }
  if (TOKEN_FORM.test(token)) return token;
  throw new CliError(
    "token-not-valid",
    `the token from ${origin} has white space or characters that no token has`,
  );
}
