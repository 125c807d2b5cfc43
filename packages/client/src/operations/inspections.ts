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
 * What the image that `ref` names by tag (default `latest`) or hash holds for people to read: labels, definition file, run script
 * and the list of its objects. Untrusted text, control characters and all; escape it before it is shown. An extension: a library
 * without it rejects with `not-found` (see `features.inspections` of its version).
 *
 * @throws LibraryError `not-found`, `option-not-valid` for an arch that is none; RefError.
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
