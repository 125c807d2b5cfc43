import {
  decode,
  type Inspection,
  InspectionResponseSchema,
  type LibraryRef,
} from "@sifshelf/protocol";

import type { Connection } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { checkArch, imageRefPath } from "./image-ref.js";
import type { ImageOptions } from "./images.js";

/**
 * Returns the readable contents of the image that `ref` names by tag (default `latest`) or hash:
 * labels, definition file, run script and the list of its objects. It is untrusted text that may
 * contain control characters; escape it before showing it. An extension: a library without it
 * rejects with `not-found` (see `features.inspections` of its version).
 *
 * @throws LibraryError `not-found`, `option-not-valid` for an invalid arch; RefError.
 */
export async function getInspection(
  connection: Connection,
  ref: string | LibraryRef,
  { arch, signal }: ImageOptions = {},
): Promise<Inspection> {
  const params = { ref: imageRefPath(ref) };
  const call = {
    route: "getInspection",
    params,
    query: { arch: checkArch(arch) },
    signal,
  } as const;
  return requestJson(
    connection,
    call,
    (json) => decode(InspectionResponseSchema, json, "inspection").data,
  );
}
