export {
  type BadLine,
  type Exchange,
  type LineFault,
  type LineRequest,
  type LineScript,
  passOn,
  type RequestChange,
  startBadLine,
} from "./bad-line/bad-line.js";
export {
  answered,
  askedTwice,
  askedWith,
  changed,
  flippedBit,
  flippedBitSent,
  gzipped,
  type HeldAnswer,
  lostReply,
  onReply,
  onRequest,
  otherBytesWithMd5,
  portalPage,
  shortened,
  unanswered,
  withHeaders,
  withoutLength,
} from "./bad-line/lies.js";
export {
  always,
  anyOf,
  forgottenConnections,
  type RequestFilter,
  sometimes,
  times,
} from "./bad-line/scripts.js";
export {
  delayed,
  dripAfter,
  finishAfter,
  resetAfter,
  silentAfter,
  sliced,
  untouched,
} from "./bad-line/toxics.js";
export type { Toxic, Wire } from "./bad-line/wire.js";
export {
  buildSif,
  type BuildSifOptions,
  type SifObjectSpec,
  type SifTestArch,
  TEST_FINGERPRINT,
  writeSifFile,
  type WrittenSif,
} from "./build-sif.js";
export {
  bytesReply,
  dataReply,
  errorReply,
  rangeReply,
  type RecordedRequest,
  type Script,
  type ScriptedImage,
  type ScriptedLibrary,
  type ScriptedLibraryOptions,
  scriptLibrary,
} from "./scripted-library.js";
export { seededRandom } from "./seeded-random.js";
