export {
  type BadLine,
  type Exchange,
  type LineFault,
  type LineRequest,
  type LineScript,
  type RequestChange,
  startBadLine,
} from "./bad-line/bad-line.js";
export {
  replied,
  sentTwice,
  sentWith,
  changed,
  flippedBit,
  flippedBitSent,
  gzipped,
  type HeldReply,
  lostReply,
  onReply,
  onRequest,
  otherBytesWithMd5,
  portalPage,
  shortened,
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
