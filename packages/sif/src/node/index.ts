export { createSifFile, editSifFile } from "./edit-sif-file.js";
export { type FileByteSource, openFileByteSource } from "./file-byte-source.js";
export { type FileSifStore, openFileSifStore } from "./file-sif-store.js";
