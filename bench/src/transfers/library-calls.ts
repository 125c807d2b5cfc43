import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { BenchLibrary } from "./bench-library.js";
import { type Bench, benchEnvironment } from "./measured-run.js";

/**
 * The requests that tools which know no libraries cannot make themselves. They are not measured.
 */
export interface LibraryCalls {
  /** Makes an image record for this SHA-256 in a container and returns its id. */
  readonly createImage: (container: string, sha256: string) => Promise<string>;
  /** Returns the URL to which all bytes of an image can be sent at once. */
  readonly startUpload: (imageId: string, bytes: number, sha256: string) => Promise<string>;
  /** Deletes an image from a container. */
  readonly deleteImage: (container: string, sha256: string) => Promise<void>;
}

const ENTITY = "bench";
const COLLECTION = "transfers";

/** The path of a container of the benchmark's. */
export function containerPath(container: string): string {
  return `${ENTITY}/${COLLECTION}/${container}`;
}

/** The calls to a library, from where the bench's programs run. */
export function libraryCalls(bench: Bench, library: BenchLibrary): LibraryCalls {
  const post = async (path: string, body: object): Promise<Answer> =>
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

/** What stands under `data` in a reply, as far as it does. */
interface Answer {
  readonly id: string;
  readonly uploadURL: string;
}

/** By curl, because a library in a network namespace cannot be reached from this process. */
async function requestJson(
  { prefix, home, signal }: Bench,
  { url, token }: BenchLibrary,
  [method, path, body]: readonly [string, string, string?],
): Promise<Answer> {
  const authorisation = ["-H", `Authorization: Bearer ${token}`];
  const sent = body === undefined ? [] : ["--data", body];
  const call = ["curl", "-sS", "--fail-with-body", "-X", method, ...authorisation, ...sent];
  const [command, ...args] = [...prefix, ...call, `${url}/${path}`];
  const options = { signal, env: benchEnvironment(home) };
  const { stdout } = await promisify(execFile)(command, args, options);
  const reply: { readonly data: Answer } = stdout === "" ? { data: {} } : JSON.parse(stdout);
  return reply.data;
}
