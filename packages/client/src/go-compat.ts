// For people who port Go code. Everything else of the Go package is in the main entry.
export { idInSlice, sliceWithoutId, stringInSlice } from "./go-compat/slices.js";
export { prettyPrint } from "./go-compat/pretty-print.js";
export { fromProgressBar, NoopProgressBar, type ProgressBar } from "./go-compat/progress-bar.js";
export {
  type CountingReader,
  fromUploadCallback,
  type UploadCallback,
} from "./go-compat/upload-callback.js";
