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
