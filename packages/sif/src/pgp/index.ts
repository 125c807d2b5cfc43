export { readPgpKeys } from "./pgp-keyring.js";
export { type PgpSigningKeyOptions, readPgpSigningKey } from "./pgp-signing-key.js";
