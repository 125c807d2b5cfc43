import type { AddressInfo } from "node:net";

import type { FastifyBaseLogger, FastifyInstance } from "fastify";

import { setUpOnFirstStart } from "./accounts/first-start.js";
import { buildApp } from "./build-app.js";
import { type Catalog, inTransaction } from "./catalog/catalog.js";
import { openCatalog } from "./catalog/open/open-catalog.js";
import { DEFAULT_CONFIG, type ServerConfig } from "./settings/settings.js";
import { formatListenAddress } from "./settings/addresses.js";
import { lockDataFolder } from "./data-folder/lock-data-folder.js";
import { prepareDataFolder } from "./data-folder/prepare-data-folder.js";
import { drain } from "./http/drain.js";
import { orphanAllJobs } from "./catalog/work/jobs.js";
import { releaseAllLeases } from "./catalog/work/leases.js";
import { createLeases } from "./coordination/leases.js";
import { createThrottle } from "./coordination/throttle.js";
import { createJobWaker, type ListenedWaker } from "./jobs/job-waker.js";
import { type JobRunner, startJobRunner } from "./jobs/start-job-runner.js";
import type { Library } from "./library/library.js";
import { ListenError } from "./listen-error.js";
import { openBlobStore } from "./open-blob-store.js";
import { createLogger } from "./logger.js";
import { packageVersion } from "./package-version.js";
import { sweepStagings } from "./upkeep/sweep-stagings.js";
import { upkeepJobs } from "./upkeep/upkeep-jobs.js";

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
  /** Where it listens: a URL without a trailing slash; wildcard addresses read as loopback. */
  readonly url: string;
  /** Token of the user `admin`, on the first start of a data folder only. */
  readonly adminToken: string | undefined;
  /**
   * Stops: no new connections, requests in flight may finish for `drainTimeoutMs`, jobs are given
   * back, then everything is closed. Returns when the data folder is free. May be called more than
   * once.
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
  const waker = createJobWaker();
  const limits = { throttle: createThrottle(), leases: createLeases() };
  const library: Library = { catalog, blobs, ...limits, jobs: waker, settings: config, now };
  const adminToken = await setUpOnFirstStart(catalog, now());
  await freeHoldsOfTheDead(catalog, logger);
  const runner = startJobs(library, waker, logger);
  closers.push(() => runner.stop());
  const { publicUrl, keyServer, accelRedirect, trustProxy, corsOrigins } = config;
  const network = { publicUrl, keyServer, accelRedirect, trustProxy, corsOrigins };
  const app = buildApp({ library, logger, version: packageVersion(), ...network });
  closers.push(() => drain(app, config.drainTimeoutMs, logger));
  const url = await listen(app, config);
  let closing: Promise<void> | undefined;
  return { url, adminToken, close: () => (closing ??= closeAll(closers)) };
}

/**
 * The lock of the data folder says that no other server runs, so all holders are dead. Spares a
 * wait of 30 s after a kill; if it fails, as on a full disk, their leases run out.
 */
async function freeHoldsOfTheDead(catalog: Catalog, log: FastifyBaseLogger): Promise<void> {
  try {
    await inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
      await releaseAllLeases(transaction);
      await orphanAllJobs(transaction);
    });
  } catch (err) {
    log.error({ err }, "leases of the last run could not be freed");
  }
}

function startJobs(library: Library, waker: ListenedWaker, log: FastifyBaseLogger): JobRunner {
  const { catalog } = library;
  const handlers = upkeepJobs(library, log);
  const makeRoom = async (signal: AbortSignal) => void (await sweepStagings(library, { signal }));
  return startJobRunner({ catalog, waker, handlers, log, makeRoom });
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
