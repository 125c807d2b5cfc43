import {
  API_VERSION_V2_ARCH_TAGS,
  API_VERSION_V2_UPLOAD,
  decode,
  isApiVersionAtLeast,
  type VersionInfo,
  VersionResponseSchema,
} from "@sifshelf/protocol";

import { untilAborted } from "../abort.js";
import { isNotFound } from "../errors.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";

/** Asks for the library's version once; all callers share the answer, be it that there is none. Failures are forgotten. */
export interface VersionQuery {
  ask(options?: RequestOptions): Promise<VersionInfo>;
}

/** The question for the version of one library, not asked yet. */
export function createVersionQuery(connection: Connection): VersionQuery {
  let version: Promise<VersionInfo> | undefined;
  return {
    ask({ signal } = {}) {
      // Asked without the caller's signal: others may wait for the same answer.
      version ??= fetchVersion(connection).catch((error: unknown) => {
        if (!isNotFound(error)) version = undefined;
        throw error;
      });
      return signal === undefined ? version : untilAborted(version, signal);
    },
  };
}

/** What the library can do for a push. */
export interface LibraryFeatures {
  readonly v2Upload: boolean;
  readonly archTags: boolean;
  /** All tags in one request, an extension. */
  readonly atomicTags: boolean;
  /** Parts of an upload in any order and several at a time, an extension. */
  readonly parallelParts: boolean;
  /** The state of an open upload can be read, an extension. */
  readonly resumableUploads: boolean;
  /** Digests of parts of an image can be asked for, an extension. */
  readonly partDigests: boolean;
  /** Parts of an upload may be compared by CRC-32 in place of SHA-256, an extension. */
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
 * What the library can do. Only a library without the question for the version counts as old; a failure to answer
 * rejects, because the wrong guess would send an image the wrong way.
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
