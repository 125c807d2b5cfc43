// For porting Go code. Everything else of the Go package is in the main entry.
export { idInSlice, sliceWithoutId, stringInSlice } from "./functions.js";
export { prettyPrint } from "./functions.js";
export { fromProgressBar, NoopProgressBar, type ProgressBar } from "./progress-bar.js";
export { type CountingReader, fromUploadCallback, type UploadCallback } from "./upload-callback.js";
