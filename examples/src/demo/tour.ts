import type { LibraryClient } from "@sifshelf/client";

import type { DemoImage } from "./make-images.js";
import type { RequestLog } from "./request-log.js";

/** The container that the demo pushes to. */
export const CONTAINER = "demo/tour/hello";

/** The tag that the demo pushes all arches under. */
export const TAG = "1.0";

/** State that all steps share. */
export interface Tour {
  readonly client: LibraryClient;
  /** All requests that the client made. */
  readonly requests: RequestLog;
  readonly images: readonly DemoImage[];
  /** Folder for pulled files. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Prints a line for the user. */
  readonly say: (line: string) => void;
}
