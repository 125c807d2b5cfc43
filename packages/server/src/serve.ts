import type { AddressInfo } from "node:net";

import type { FastifyBaseLogger, FastifyInstance } from "fastify";

import { setUpOnFirstStart } from "./accounts/first-start.js";
import { buildApp } from "./build-app.js";
import { openCatalog } from "./catalog/open/open-catalog.js";
import { DEFAULT_CONFIG, type ServerConfig } from "./settings/settings.js";
import { formatListenAddress } from "./settings/addresses.js";
import { lockDataFolder } from "./data-folder/lock-data-folder.js";
import { prepareDataFolder } from "./data-folder/prepare-data-folder.js";
import { drain } from "./http/drain.js";
import { startInspector } from "./inspection/start-inspector.js";
import { createKeyedLock } from "./coordination/keyed-lock.js";
import type { Library } from "./library/library.js";
import { ListenError } from "./listen-error.js";
import { openBlobStore } from "./open-blob-store.js";
import { createLogger } from "./logger.js";
import { packageVersion } from "./package-version.js";
import { startSearchUpkeep } from "./upkeep/keep-search.js";
import { startUpkeep } from "./upkeep/run-upkeep.js";

/** What {@link startServer} is told: a data folder, and whatever is to differ from the defaults. */
export interface StartServerOptions extends Partial<ServerConfig> {
  readonly data: string;
  /** Takes the server's logs; by default there are none. */
  readonly logger?: FastifyBaseLogger | undefined;
  /** The time, in milliseconds since 1970. Default: the system's. */
  readonly now?: (() => number) | undefined;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, as a URL without a slash at its end; the wildcard addresses read as loopback. */
  readonly url: string;
  /** Token of the user `admin`, on the first start of a data folder only. */
  readonly adminToken: string | undefined;
  /**
   * Stops: no new connections, requests in flight may finish for `drainTimeoutMs`, then everything is closed. Answers when the data
   * folder is free. May be called more than once.
   */
  close(): Promise<void>;
}

type Closer = () => void | Promise<void>;

/**
 * Starts a library server on a data folder, which is set up if it is new.
 *
 * @throws DataFolderError if the folder cannot be used, or another server uses it.
 * @throws CatalogError if its catalog is damaged or of a later release.
 * @throws ListenError if the address cannot be listened on.
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { logger = createLogger({ level: "silent" }), now = Date.now, ...given } = options;
  const config: ServerConfig = { ...DEFAULT_CONFIG, ...given };
  const closers: Closer[] = [];
  try {
    return await open({ config, logger, now, closers });
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

interface Opening {
  readonly config: ServerConfig;
  readonly logger: FastifyBaseLogger;
  readonly now: () => number;
  /** What has been opened so far, as ways to close it. */
  readonly closers: Closer[];
}

async function open({ config, logger, now, closers }: Opening): Promise<RunningServer> {
  const folder = prepareDataFolder(config.data);
  const lock = lockDataFolder(folder);
  closers.push(() => lock.release());
  const catalog = await openCatalog({ kind: "sqlite", path: folder.catalogPath });
  closers.push(() => catalog.close());
  const { urlTtlMs } = config;
  const blobs = await openBlobStore({ dataFolder: folder.path, catalog, urlTtlMs, now });
  const stores = { catalog, blobs, locks: createKeyedLock(), now };
  const inspector = startInspector(stores, logger);
  closers.push(() => inspector.stop());
  const { inspectSoon } = inspector;
  const library: Library = { ...stores, settings: config, inspectSoon };
  const adminToken = await setUpOnFirstStart(catalog, now());
  const searchUpkeep = startSearchUpkeep(catalog, logger);
  closers.push(() => searchUpkeep.stop());
  const upkeep = startUpkeep(library, logger);
  closers.push(() => upkeep.stop());
  const { publicUrl, keyServer, accelRedirect, trustProxy, corsOrigins } = config;
  const network = { publicUrl, keyServer, accelRedirect, trustProxy, corsOrigins };
  const app = buildApp({ library, logger, version: packageVersion(), ...network });
  closers.push(() => drain(app, config.drainTimeoutMs, logger));
  const url = await listen(app, config);
  let closing: Promise<void> | undefined;
  return { url, adminToken, close: () => (closing ??= closeAll(closers)) };
}

/** Closes in the reverse order of opening; all of it, even if some fails. */
async function closeAll(closers: readonly Closer[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "the server did not stop cleanly");
}

async function listen(app: FastifyInstance, config: ServerConfig): Promise<string> {
  const { host, port } = config.listen;
  app.server.maxConnections = config.maxConnections;
  try {
    // In other words than the line "listening", which others wait for.
    await app.listen({ host, port, listenTextResolver: (address) => `bound to ${address}` });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ListenError(`cannot listen on ${formatListenAddress(config.listen)} (${reason})`, {
      cause,
    });
  }
  return urlOf(app.server.address(), host);
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${formatListenAddress({ host: reachableHost(host), port })}`;
}

/** Nobody can connect to a wildcard address; who listens on it listens on loopback as well. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
