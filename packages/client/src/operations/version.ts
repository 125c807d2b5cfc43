import {
  API_VERSION_V2_ARCH_TAGS,
  API_VERSION_V2_UPLOAD,
  decode,
  isApiVersionAtLeast,
  type VersionInfo,
  VersionResponseSchema,
} from "@sifshelf/protocol";

import { untilAborted } from "../platform/abort.js";
import { isNotFound } from "../errors/library-error.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";

/**
 * Requests the library's version once. All callers share the result, including that the library has
 * none. Other failures are forgotten.
 */
export interface VersionQuery {
  ask(options?: RequestOptions): Promise<VersionInfo>;
}

/** Creates a query for the version of one library. It makes no request yet. */
export function createVersionQuery(connection: Connection): VersionQuery {
  let version: Promise<VersionInfo> | undefined;
  return {
    ask({ signal } = {}) {
      // Requested without the caller's signal, because others may wait for the same reply.
      version ??= fetchVersion(connection).catch((error: unknown) => {
        if (!isNotFound(error)) version = undefined;
        throw error;
      });
      return signal === undefined ? version : untilAborted(version, signal);
    },
  };
}

/** What the library supports. */
export interface LibraryFeatures {
  readonly v2Upload: boolean;
  readonly archTags: boolean;
  /** All tags in one request, an extension. */
  readonly atomicTags: boolean;
  /** Parts of an upload in any order and in parallel, an extension. */
  readonly parallelParts: boolean;
  /** The state of an open upload can be read, an extension. */
  readonly resumableUploads: boolean;
  /** Digests of parts of an image are available, an extension. */
  readonly partDigests: boolean;
  /** Parts of an upload may be compared by CRC-32 instead of SHA-256, an extension. */
  readonly partCrc32: boolean;
}

const OLD_LIBRARY: LibraryFeatures = {
  v2Upload: false,
  archTags: false,
  atomicTags: false,
  parallelParts: false,
  resumableUploads: false,
  partDigests: false,
  partCrc32: false,
};

/**
 * Returns what the library supports. Only a library without a version counts as old. Other failures
 * reject, because the wrong guess would send an image the wrong way.
 */
export async function libraryFeatures(
  version: VersionQuery,
  options: RequestOptions,
): Promise<LibraryFeatures> {
  try {
    const { apiVersion, features } = await version.ask(options);
    const archTags = isApiVersionAtLeast(apiVersion, API_VERSION_V2_ARCH_TAGS);
    return {
      v2Upload: isApiVersionAtLeast(apiVersion, API_VERSION_V2_UPLOAD),
      archTags,
      atomicTags: archTags && features?.atomicTags === true,
      parallelParts: features?.parallelParts === true,
      resumableUploads: features?.resumableUploads === true,
      partDigests: features?.partDigests === true,
      partCrc32: features?.partCrc32 === true,
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return OLD_LIBRARY;
  }
}

function fetchVersion(connection: Connection): Promise<VersionInfo> {
  return requestJson(
    connection,
    { route: "getVersion", params: {} },
    (json) => decode(VersionResponseSchema, json, "version").data,
  );
}
