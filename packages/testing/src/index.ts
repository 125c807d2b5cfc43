export {
  buildSif,
  type BuildSifOptions,
  type SifObjectSpec,
  type SifTestArch,
  TEST_FINGERPRINT,
  writeSifFile,
  type WrittenSif,
} from "./build-sif.js";
