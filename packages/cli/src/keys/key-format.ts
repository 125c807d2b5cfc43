import { KeyError } from "@sifshelf/sif";

/** Keys as stored in a file: text, or a binary PGP key ring. */
export type KeyMaterial =
  | { readonly format: "pgp"; readonly input: string | Uint8Array }
  | { readonly format: "pem"; readonly text: string };

/** Private keys sign, public keys verify. */
export type KeyUse = "private" | "public";

const PGP_BLOCK = /-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/;
const PEM_BLOCK: Readonly<Record<KeyUse, RegExp>> = {
  public: /-----BEGIN (?:RSA )?PUBLIC KEY-----/,
  private: /-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----/,
};
const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----/;
/** Set in the first byte of every binary PGP packet, and never in text. */
const PGP_PACKET_BIT = 0x80;

/**
 * Detects the keys in a file by content; a file may contain keys of both formats.
 *
 * @throws {KeyError} `key-malformed` when it contains none, `key-unsupported` when it contains a
 *   certificate
 */
export function keyMaterialIn(bytes: Uint8Array, use: KeyUse): KeyMaterial[] {
  const text = new TextDecoder().decode(bytes);
  const found: KeyMaterial[] = [];
  if (PGP_BLOCK.test(text)) found.push({ format: "pgp", input: text });
  if (PEM_BLOCK[use].test(text)) found.push({ format: "pem", text });
  if (found.length > 0) return found;
  if (CERTIFICATE_BLOCK.test(text)) {
    throw new KeyError("key-unsupported", "it contains a certificate; use --certificate");
  }
  if (((bytes[0] ?? 0) & PGP_PACKET_BIT) !== 0) return [{ format: "pgp", input: bytes }];
  throw new KeyError("key-malformed", `it contains no ${use} key, neither PGP nor PEM`);
}
