import { LibraryClient, type Logger } from "@sifshelf/client";
import type { GetFunction } from "@sifshelf/client/node";

import type { CommandRun } from "../options/command-definition.js";
import { networkOptions, type NetworkOptions } from "../network/network-options.js";
import type { CommonOptions } from "../options/common.js";
import type { Output } from "../output/output.js";
import { type ResolvedLibrary, resolveLibrary } from "./resolve-library.js";

/** A client of the library that a command talks to. */
export interface OpenLibrary {
  readonly client: LibraryClient;
  readonly library: ResolvedLibrary;
}

/**
 * Resolves the library of a command, prints warnings about it, and creates a client.
 *
 * @param refHost the host of the ref, if it names one
 * @throws what {@link resolveLibrary} throws
 */
export async function openLibrary(
  options: CommonOptions,
  run: CommandRun,
  refHost?: string,
): Promise<OpenLibrary> {
  const { context, output } = run;
  const request = { flag: options.library, refHost, httpsRefs: options.httpsRefs };
  const network = await networkOptions(options, context);
  const { env, homeDir, signal } = context;
  const fetch = isPlain(network) ? context.fetch : lazyFetch(network);
  const library = await resolveLibrary(request, { env, homeDir, signal, fetch });
  for (const warning of library.warnings) output.warn(warning);
  const { baseUrl, source, token, tokenSource } = library;
  output.trace(`library ${baseUrl} (from ${source}), token ${tokenSource ?? "none"}`);
  return { client: createClient({ baseUrl, token, network }, run), library };
}

/**
 * Loads the code that fetches through a proxy or with extra certificates only when it is called.
 */
function lazyFetch(network: NetworkOptions): GetFunction {
  return async (url, init) => {
    const { networkFetch } = await import("@sifshelf/client/node");
    return networkFetch(network)(url, init);
  };
}

function isPlain({ ca, proxy }: NetworkOptions): boolean {
  return ca === undefined && proxy === undefined;
}

/**
 * Creates a client of one library, with the user agent of `sifshelf`; its log is printed as traces.
 */
export function createClient(
  {
    baseUrl,
    token,
    network,
  }: {
    readonly baseUrl: string;
    readonly token?: string | undefined;
    readonly network: NetworkOptions;
  },
  { context, output }: CommandRun,
): LibraryClient {
  return new LibraryClient({
    baseUrl,
    ...network,
    authToken: token,
    userAgent: `sifshelf/${context.version}`,
    logger: traceLogger(output),
  });
}

function traceLogger(output: Output): Logger {
  const log = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const shown = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    output.trace([message, ...shown].join(" "));
  };
  return { debug: log, info: log, warn: log, error: log };
}
