import type { ReadOptions } from "../bytes/byte-source.js";
import { objectStream } from "../format/object-data.js";
import type { SifImage } from "../format/read-sif.js";
import type { OciSif } from "./read-oci-sif.js";

/** A file of an OCI image layout. */
export interface OciLayoutFile {
  /**
   * `oci-layout`, `index.json`, or `blobs/sha256/` and 64 hex digits. Always a safe relative path.
   */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Opens the content. It can be opened more than once. */
  open(): ReadableStream<Uint8Array>;
}

const LAYOUT = '{"imageLayoutVersion":"1.0.0"}';

/**
 * Returns the content of an OCI-SIF as the files of an OCI image layout, which other tools can
 * read. The content is not checked; see `checkOciBlobs`.
 */
export function ociLayoutFiles(
  image: SifImage,
  { rootIndex, blobs }: OciSif,
  options: ReadOptions = {},
): OciLayoutFile[] {
  const layout = new TextEncoder().encode(LAYOUT);
  // Other digests name no file, and could name any path.
  const named = [...blobs].filter(([digest]) => /^sha256:[0-9a-f]{64}$/.test(digest));
  return [
    { path: "oci-layout", size: layout.length, open: () => new Blob([layout]).stream() },
    {
      path: "index.json",
      size: rootIndex.size,
      open: () => objectStream(image, rootIndex, options),
    },
    ...named.map(([digest, blob]) => ({
      path: `blobs/${digest.replace(":", "/")}`,
      size: blob.size,
      open: () => objectStream(image, blob, options),
    })),
  ];
}
