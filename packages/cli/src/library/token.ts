import type { Readable } from "node:stream";

import { CliError } from "../errors/cli-error.js";
import { readStream } from "../files/read-stream.js";

/** Longest token, the same limit as in other clients. */
export const MAX_TOKEN_LENGTH = 4096;

/** Visible ASCII, which an HTTP header can carry. */
const TOKEN_FORM = /^[\x21-\x7e]+$/;

/**
 * Checks a token and removes surrounding white space. Errors never contain the token.
 *
 * @param origin source of the token, for the message
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
    `the token from ${origin} contains white space or characters that are not valid in a token`,
  );
}

/** Room for a token with white space around it, in bytes. */
const MAX_INPUT_BYTES = 2 * MAX_TOKEN_LENGTH;

/**
 * Reads a token from a stream to its end.
 *
 * @throws {CliError} `token-not-valid` when the stream has more than a token
 */
export async function readTokenFromStream(stream: Readable, signal: AbortSignal): Promise<string> {
  const bytes = await readStream(stream, MAX_INPUT_BYTES, signal);
  if (bytes !== undefined) return bytes.toString("utf8");
  throw new CliError("token-not-valid", "standard input contains more than a token");
}
