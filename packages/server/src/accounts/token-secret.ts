import { createHash, randomBytes } from "node:crypto";

// Singularity's --tokenfile refuses tokens shorter than 200 characters (util/auth/token.go); 156
// bytes are 208 characters.
const RANDOM_BYTES = 156;
const PREFIX = "sifs_";
const TOKEN_SECRET = /^sifs_[A-Za-z0-9_-]{195,251}$/;

/**
 * A new token: 213 characters of `[A-Za-z0-9_-]`, starting with `sifs_`, 1248 bits of them random.
 */
export function createTokenSecret(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString("base64url");
}

/** Whether `text` looks like a token: 200 to 256 characters, the right prefix and alphabet. */
export function isTokenSecret(text: string): boolean {
  return TOKEN_SECRET.test(text);
}

/**
 * The form in which the catalog keeps a token: its SHA-256, lower-case hex. A slow hash would add
 * nothing, since tokens are random and long.
 */
export function hashTokenSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}
