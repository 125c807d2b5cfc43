import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { BenchLibrary } from "./bench-library.js";
import { type Bench, benchEnvironment } from "./measured-run.js";

/** The requests that generic tools cannot make themselves. They are not measured. */
export interface LibraryCalls {
  /** Creates an image record for this SHA-256 in a container and returns its id. */
  readonly createImage: (container: string, sha256: string) => Promise<string>;
  /** Returns the URL for sending all bytes of an image in one request. */
  readonly startUpload: (imageId: string, bytes: number, sha256: string) => Promise<string>;
  /** Deletes an image from a container. */
  readonly deleteImage: (container: string, sha256: string) => Promise<void>;
}

const ENTITY = "bench";
const COLLECTION = "transfers";

/** Returns the path of one of the benchmark's containers. */
export function containerPath(container: string): string {
  return `${ENTITY}/${COLLECTION}/${container}`;
}

/** Calls to a library from the place where the benchmark's programs run. */
export function libraryCalls(bench: Bench, library: BenchLibrary): LibraryCalls {
  const post = async (path: string, body: object): Promise<ReplyData> =>
    await requestJson(bench, library, ["POST", path, JSON.stringify(body)]);
  return {
    async createImage(name, hash) {
      const entity = (await post("v1/entities", { name: ENTITY })).id;
      const collection = (await post("v1/collections", { name: COLLECTION, entity })).id;
      const container = (await post("v1/containers", { name, collection })).id;
      return (await post("v1/images", { hash: `sha256.${hash}`, container })).id;
    },
    async startUpload(imageId, filesize, sha256sum) {
      return (await post(`v2/imagefile/${imageId}`, { filesize, sha256sum })).uploadURL;
    },
    async deleteImage(name, hash) {
      const path = `v1/images/${containerPath(name)}:sha256.${hash}?arch=amd64`;
      await requestJson(bench, library, ["DELETE", path]);
    },
  };
}

/** The `data` of a reply, if present. */
interface ReplyData {
  readonly id: string;
  readonly uploadURL: string;
}

/** Uses curl, because this process cannot reach a library in a network namespace. */
async function requestJson(
  { prefix, home, signal }: Bench,
  { url, token }: BenchLibrary,
  [method, path, body]: readonly [string, string, string?],
): Promise<ReplyData> {
  const authorisation = ["-H", `Authorization: Bearer ${token}`];
  const sent = body === undefined ? [] : ["--data", body];
  const call = ["curl", "-sS", "--fail-with-body", "-X", method, ...authorisation, ...sent];
  const [command, ...args] = [...prefix, ...call, `${url}/${path}`];
  const options = { signal, env: benchEnvironment(home) };
  const { stdout } = await promisify(execFile)(command, args, options);
  const reply: { readonly data: ReplyData } = stdout === "" ? { data: {} } : JSON.parse(stdout);
  return reply.data;
}
