import type { LibraryClient } from "@sifshelf/client";

import type { DemoImage } from "./make-images.js";
import type { RequestLog } from "./request-log.js";

/** The container that the demo pushes to. */
export const CONTAINER = "demo/tour/hello";

/** The tag that all arches are pushed under. */
export const TAG = "1.0";

/** What every step works with. */
export interface Tour {
  readonly client: LibraryClient;
  /** Every request that the client made. */
  readonly requests: RequestLog;
  readonly images: readonly DemoImage[];
  /** Where pulled files go. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Tells the user what happened. */
  readonly say: (line: string) => void;
}
