import { pick, type Random } from "./random.js";

/** Length of such a text in characters: enough to reveal quadratic work. */
const LENGTH = 300_000;

const PIECES: readonly string[] = [
  "",
  " ",
  "\t",
  "\n",
  "\r\n",
  '"',
  '\\"',
  "\\",
  "{",
  "[",
  "}",
  ":",
  ",",
  '"a":',
  '{"a":',
  "a",
  "=",
  "-",
  "- ",
  "A: b\n",
  "AAAA\n",
  "Hash: SHA256\n",
  "-----BEGIN PGP SIGNED MESSAGE-----\n",
  "-----BEGIN PGP SIGNED MESSAGE-----\n\n",
  "-----BEGIN PGP SIGNATURE-----\n",
  "-----END PGP SIGNATURE-----\n",
  "-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
  "-----BEGIN PUBLIC KEY-----\n",
  "-----END PUBLIC KEY-----",
  "-----BEGIN CERTIFICATE-----",
];

/** Returns a long text: a start, one to three tokens repeated, and an end. */
export function repeatedTokens(random: Random): Uint8Array {
  const unit = Array.from({ length: 1 + random(3) }, () => pick(random, PIECES)).join("");
  const body = unit === "" ? "" : unit.repeat(Math.ceil(LENGTH / unit.length));
  const text = `${pick(random, PIECES)}${pick(random, PIECES)}${body}${pick(random, PIECES)}`;
  return new TextEncoder().encode(text);
}
