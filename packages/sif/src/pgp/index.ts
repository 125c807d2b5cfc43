export { readPgpKeys } from "./pgp-keyring.js";
