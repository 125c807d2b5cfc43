/** A clear-signed PGP message, parsed but not verified. */
export interface ClearSignedMessage {
  /**
   * The signed text: lines joined by `\n`, without trailing white space and without a final line
   * end.
   */
  readonly text: string;
  /** The armored signature, from its begin line to its end line. */
  readonly signature: string;
  /** Whether there are bytes before or after the message. No signature covers those. */
  readonly isSurrounded: boolean;
}

const BEGIN_MESSAGE = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE = "-----END PGP SIGNATURE-----";

const HASH_NAMES = new Set([
  "MD5",
  "SHA1",
  "RIPEMD160",
  "SHA224",
  "SHA256",
  "SHA384",
  "SHA512",
  "SHA3-256",
  "SHA3-512",
]);

/** Most lines of a message. The signed text has one or two, an armored signature about twenty. */
const MAX_LINES = 65_536;

/**
 * Parses a clear-signed message (RFC 9580 section 7). Returns `null` if there is none. Accepts only
 * `Hash` headers with known names: forged headers have been shown to users as signed text
 * (CVE-2019-11841). The signature itself names the hash that was used, not these headers.
 */
export function decodeClearSigned(data: string): ClearSignedMessage | null {
  const lines = data.split("\n", MAX_LINES + 1).map(trimLineEnd);
  if (lines.length > MAX_LINES) return null;
  const begin = lines.indexOf(BEGIN_MESSAGE);
  if (begin === -1) return null;
  const blank = lines.indexOf("", begin);
  if (blank === -1 || !lines.slice(begin + 1, blank).every(isHashHeader)) return null;
  const signature = lines.indexOf(BEGIN_SIGNATURE, blank);
  const end = signature === -1 ? -1 : lines.indexOf(END_SIGNATURE, signature);
  if (end === -1) return null;
  const outside = [...lines.slice(0, begin), ...lines.slice(end + 1)];
  return {
    text: lines
      .slice(blank + 1, signature)
      .map(unescapeDashes)
      .join("\n"),
    signature: `${lines.slice(signature, end + 1).join("\n")}\n`,
    isSurrounded: outside.some((line) => line !== ""),
  };
}

/**
 * Reports whether an armored signature has the form that all writers produce: begin line, headers,
 * a blank line, lines of base64, an optional checksum, end line. Lenient decoders skip anything
 * else.
 */
export function isStrictArmor(signature: string): boolean {
  return STRICT_ARMOR.test(signature);
}

const STRICT_ARMOR = new RegExp(
  `^${BEGIN_SIGNATURE}\\n(?:[A-Za-z]+: [\\x20-\\x7e]*\\n)*\\n` +
    `(?:[A-Za-z0-9+/]{1,96}={0,2}\\n)+(?:=[A-Za-z0-9+/]{4}\\n)?${END_SIGNATURE}\\n$`,
);

function isHashHeader(line: string): boolean {
  const names = /^Hash: ([\x21-\x7e, ]+)$/.exec(line)?.[1];
  return names?.split(",").every((name) => HASH_NAMES.has(name.trim())) === true;
}

/** Returns a line without trailing white space, which is not signed. */
function trimLineEnd(line: string): string {
  // A regular expression would start over at each space and take hours for hostile lines.
  let end = line.length;
  while (end > 0 && " \t\r".includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

function unescapeDashes(line: string): string {
  return line.startsWith("- ") ? line.slice(2) : line;
}
