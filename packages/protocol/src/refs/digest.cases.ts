import { withHostileCharacters } from "./hostile-characters.cases.js";

const HEX = "0123456789abcdef";
const DIGEST = `sha256:${HEX.repeat(4)}`;

export const GOOD_DIGESTS: readonly string[] = [
  DIGEST,
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ...Array.from(HEX, (digit) => `sha256:${digit.repeat(64)}`),
];

export const BAD_DIGESTS: readonly string[] = [
  "",
  " ",
  "sha256",
  "sha256:",
  ":",
  HEX.repeat(4),
  `sha256.${HEX.repeat(4)}`,
  `sha256-${HEX.repeat(4)}`,
  `sha256::${HEX.repeat(4)}`,
  `SHA256:${HEX.repeat(4)}`,
  `sha512:${HEX.repeat(8)}`,
  `sha512:${HEX.repeat(4)}`,
  `md5:${HEX.repeat(2)}`,
  `sha256:${"0".repeat(63)}`,
  `sha256:${"0".repeat(65)}`,
  `sha256:${"0".repeat(128)}`,
  `sha256:${"A".repeat(64)}`,
  `sha256:${"0".repeat(63)}F`,
  `sha256:${"0".repeat(63)}g`,
  `sha256:../${"0".repeat(61)}`,
  `${DIGEST}\n`,
  `\n${DIGEST}`,
  ` ${DIGEST}`,
  `${DIGEST} `,
  `${DIGEST}\0`,
  `${DIGEST}/`,
  `${DIGEST},${DIGEST}`,
  `${DIGEST}${DIGEST}`,
  `image@${DIGEST}`,
  `sif:01234567-89ab-cdef-0123-456789abcdef`,
  ...withHostileCharacters(DIGEST),
];
