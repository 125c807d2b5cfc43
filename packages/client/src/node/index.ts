import type { ImageHash, LibraryRef } from "@sifshelf/protocol";

import type { LibraryClient } from "../library-client.js";
import type { ConcurrentDownloadOptions, DownloadedImage } from "../pull.js";
import type { RequestOptions } from "../request-options.js";
import type { ByteSink } from "../transfer/byte-sink.js";
import type { ByteSource } from "../transfer/byte-source.js";
import type { ProgressListener } from "../transfer/progress.js";

/** A file to push. Close it when done. */
export interface FileSource extends ByteSource {
  slice?: never;
  close(): Promise<void>;
}
/** A file to pull into. Close it when done. */
export interface FileSink extends ByteSink {
  read(offset: number, length: number): Promise<Uint8Array>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
export declare function openFileSource(path: string): Promise<FileSource>;
export declare function openFileSink(path: string): Promise<FileSink>;
export declare function imageHashOfFile(
  path: string,
  options?: RequestOptions & { readonly progress?: ProgressListener | undefined },
): Promise<ImageHash>;

export interface PullToFileOptions extends Omit<ConcurrentDownloadOptions, "tag"> {
  /** Replace a file that is there; default false. */
  readonly force?: boolean | undefined;
}
export interface PulledFile extends DownloadedImage {
  readonly path: string;
  /** Whether bytes were fetched; false when the file was there and right. */
  readonly transferred: boolean;
}
export declare function pullToFile(
  client: LibraryClient,
  ref: string | LibraryRef,
  path: string,
  options?: PullToFileOptions,
): Promise<PulledFile>;
