export { createFileSink, type FileSink } from "./file-sink.js";
export { type FileSource, openFileSource } from "./file-source.js";
export { imageHashOfFile } from "./file-source.js";
export { type GetFunction, networkFetch, type NetworkFetchOptions } from "./network-fetch.js";
export {
  type PulledFile,
  type PullToFile,
  pullToFile,
  type PullToFileOptions,
} from "./pull-to-file.js";
