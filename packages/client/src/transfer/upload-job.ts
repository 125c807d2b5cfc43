import type { Connection } from "../http/connection.js";
import type { ByteSource } from "./byte-source.js";
import type { ProgressMeter } from "./progress-meter.js";

/** The bytes of one image on their way to the library. */
export interface UploadJob {
  readonly connection: Connection;
  readonly imageId: string;
  readonly source: ByteSource;
  /** Lower-case hex SHA-256 of all bytes. */
  readonly sha256: string;
  readonly meter: ProgressMeter;
  readonly signal?: AbortSignal | undefined;
}
