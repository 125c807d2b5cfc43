import {
  decode,
  isWireError,
  MAX_JSON_BYTES,
  parseJson,
  objectSchema,
  stringSchema,
} from "@sifshelf/protocol";

import { CliError } from "../errors/cli-error.js";
import type { CliContext } from "../context/context.js";
import { networkAdvice } from "../errors/advice.js";
import type { ActiveRemote } from "./remote-yaml.js";

/** Time allowed for the reply of a remote, in milliseconds; the same as in `singularity`. */
const DISCOVERY_TIMEOUT_MS = 10_000;

/** Path of a remote's discovery document, which lists its services. */
const DOCUMENT_PATH = "/assets/config/config.prod.json";

const DiscoverySchema = objectSchema({
  libraryAPI: objectSchema({ uri: stringSchema({ default: "" }) }, { default: { uri: "" } }),
});

/** What discovery needs from the context. */
export type DiscoveryContext = Pick<CliContext, "fetch" | "signal">;

/**
 * Fetches the base URL of a remote's library from its discovery document; `undefined` if it has
 * none. The request carries no token.
 *
 * @throws {CliError} `discovery-failed` when the remote does not reply properly,
 *   `remote-not-usable` when its URI is not a URL
 */
export async function discoverLibrary(
  remote: ActiveRemote,
  context: DiscoveryContext,
): Promise<string | undefined> {
  const url = documentUrl(remote);
  const text = await fetchText(url, remote, context);
  try {
    const { uri } = decode(
      DiscoverySchema,
      parseJson(text, "discovery document"),
      "discovery document",
    ).libraryAPI;
    return uri === "" ? undefined : uri;
  } catch (error) {
    if (!isWireError(error)) throw error;
    throw discoveryFailed(
      remote,
      `${url.host} replied with an invalid document: ${error.message}`,
      error,
    );
  }
}

/** `Insecure` determines the scheme, even if the URI has one, as in the tools that wrote it. */
function documentUrl({ uri, isInsecure, path, name }: ActiveRemote): URL {
  const address = uri.replace(/^https?:\/\//i, "").replace(/\/+$/, "");
  const text = `${isInsecure ? "http" : "https"}://${address}${DOCUMENT_PATH}`;
  if (URL.canParse(text)) return new URL(text);
  throw new CliError("remote-not-usable", `the remote "${name}" of ${path} has no usable URI`);
}

async function fetchText(
  url: URL,
  remote: ActiveRemote,
  { fetch, signal }: DiscoveryContext,
): Promise<string> {
  try {
    const timeout = AbortSignal.timeout(DISCOVERY_TIMEOUT_MS);
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout]) });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw discoveryFailed(remote, `${url.host} replied with status ${response.status}`);
    }
    return await readText(response);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CliError) throw error;
    throw discoveryFailed(remote, `${url.host} did not reply${reasonOf(error)}`, error);
  }
}

/** `fetch` reports the reason in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return ` (${error.cause instanceof Error ? error.cause.message : error.message})`;
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    // The parser rejects text that is too long; reading on would only cost memory.
    if (text.length > MAX_JSON_BYTES) break;
  }
  return text + decoder.decode();
}

function discoveryFailed({ name, path }: ActiveRemote, problem: string, cause?: unknown): CliError {
  const what = `cannot read the discovery document of the remote "${name}" (${path})`;
  return new CliError("discovery-failed", `${what}: ${problem}`, {
    cause,
    next:
      networkAdvice(cause) ?? "try again, or name the library with --library or SIFSHELF_LIBRARY",
  });
}
