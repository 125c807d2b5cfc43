import { corsOriginsSetting } from "./cors-origins.js";
import { durationSetting } from "./duration.js";
import { type ListenAddress, parseListenAddress } from "./listen-address.js";
import { isProxyAddress } from "./proxy-address.js";
import { parsePublicUrl } from "./public-url.js";
import {
  type Setting,
  choiceSetting,
  flagSetting,
  integerSetting,
  listSetting,
  textSetting,
} from "./setting.js";
import { sizeSetting } from "./size.js";
import { parseUriPrefix } from "./uri-prefix.js";

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

/** What an upload in 10 000 parts of 512 MiB can carry. */
const MAX_IMAGE_BYTES = 10_000 * 512 * 2 ** 20;

/** Who may create an entity: anyone with a `write` token, users for their own name only, or admins only. */
export type EntityCreation = "anyone" | "own-name" | "admin";

/** How images are sent: by a redirect to a signed URL that clients read in parallel, or in the reply itself. */
export type DownloadMode = "redirect" | "stream";

/** How much is logged. */
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** Everything that can be set, as the server uses it. */
export interface ServerConfig {
  /** Folder for the catalog and the images. */
  readonly data: string;
  readonly listen: ListenAddress;
  /** URL under which clients reach the server; `undefined`: as each request's `Host` says. */
  readonly publicUrl: string | undefined;
  readonly anonymousRead: boolean;
  readonly entityCreation: EntityCreation;
  readonly downloads: DownloadMode;
  /** URI of a front server's internal location for the folder `blobs`; `undefined`: the server sends images itself. */
  readonly accelRedirect: string | undefined;
  /** Whether what is not a SIF image is refused. */
  readonly requireSif: boolean;
  readonly maxImageBytes: number;
  /** How long an upload that receives nothing is kept. */
  readonly uploadTtlMs: number;
  /** How long a signed URL is good to start a transfer. */
  readonly urlTtlMs: number;
  /** How long a transfer may make no progress. */
  readonly idleTimeoutMs: number;
  /** How long requests in flight may take to finish when the server stops. */
  readonly drainTimeoutMs: number;
  readonly logLevel: LogLevel;
  /** Addresses of proxies whose `X-Forwarded-…` headers are believed. */
  readonly trustProxy: readonly string[];
  /** Origins of pages that may use the server from a browser, beside its own; `["*"]`: all. */
  readonly corsOrigins: readonly string[];
  readonly maxConnections: number;
}

/** Loopback only: a server that others can reach is a decision, and wants TLS in front. */
export const DEFAULT_LISTEN: ListenAddress = { host: "127.0.0.1", port: 8080 };
/** 1 TiB: far above any image seen, far below what breaks a disk's accounting. */
export const DEFAULT_MAX_IMAGE_BYTES = 2 ** 40;
/** A day: an upload that waits for a person to come back tomorrow is found again. */
export const DEFAULT_UPLOAD_TTL_MS = 24 * HOUR_MS;
/** A day: a pull whose last part starts hours after the first still works. */
export const DEFAULT_URL_TTL_MS = 24 * HOUR_MS;
/** A minute without a byte is a dead peer, even on a bad line. */
export const DEFAULT_IDLE_TIMEOUT_MS = 60 * SECOND_MS;
/** As long as Kubernetes and systemd wait at least before they kill. */
export const DEFAULT_DRAIN_TIMEOUT_MS = 30 * SECOND_MS;
/** Enough for hundreds of parallel pulls, within the usual limit on open files of a service. */
export const DEFAULT_MAX_CONNECTIONS = 4096;

/** What is used where nothing is set; `data` has no default. */
export const DEFAULT_CONFIG: Omit<ServerConfig, "data"> = {
  listen: DEFAULT_LISTEN,
  publicUrl: undefined,
  anonymousRead: true,
  entityCreation: "anyone",
  downloads: "redirect",
  accelRedirect: undefined,
  requireSif: true,
  maxImageBytes: DEFAULT_MAX_IMAGE_BYTES,
  uploadTtlMs: DEFAULT_UPLOAD_TTL_MS,
  urlTtlMs: DEFAULT_URL_TTL_MS,
  idleTimeoutMs: DEFAULT_IDLE_TIMEOUT_MS,
  drainTimeoutMs: DEFAULT_DRAIN_TIMEOUT_MS,
  logLevel: "info",
  trustProxy: [],
  corsOrigins: [],
  maxConnections: DEFAULT_MAX_CONNECTIONS,
};

/** Every setting, under the name of its value in {@link ServerConfig}. */
export const SETTINGS: { readonly [Key in keyof ServerConfig]: Setting<ServerConfig[Key]> } = {
  data: textSetting("data", "folder for the catalog and the images", "a path", (text) =>
    text === "" || text.includes("\0") ? undefined : text,
  ),
  listen: textSetting(
    "listen",
    "where to listen; port 0 takes a free one (default 127.0.0.1:8080)",
    "HOST:PORT or [IPV6]:PORT",
    parseListenAddress,
  ),
  publicUrl: textSetting(
    "publicUrl",
    "URL under which clients reach the server (default: the Host header of each request)",
    "an http or https URL without user, query and fragment",
    parsePublicUrl,
  ),
  anonymousRead: flagSetting(
    "anonymousRead",
    "whether what is public can be read without a token (default true)",
  ),
  entityCreation: choiceSetting(
    "entityCreation",
    "who may create entities: anyone with a write token, users under their own name, admins (default anyone)",
    ["anyone", "own-name", "admin"],
  ),
  downloads: choiceSetting("downloads", "how images are sent (default redirect)", [
    "redirect",
    "stream",
  ]),
  accelRedirect: textSetting(
    "accelRedirect",
    "URI at which a front server has the folder blobs, to send images in our place (default none: we send)",
    "a path that begins and ends with a slash, of letters, digits, dots, dashes and underscores",
    parseUriPrefix,
  ),
  requireSif: flagSetting(
    "requireSif",
    "whether files that are not SIF images are refused (default true)",
  ),
  maxImageBytes: sizeSetting("maxImageSize", "largest image (default 1TiB)", {
    min: 1,
    max: MAX_IMAGE_BYTES,
  }),
  uploadTtlMs: durationSetting(
    "uploadTtl",
    "how long an upload that receives nothing is kept (default 24h)",
  ),
  urlTtlMs: durationSetting("urlTtl", "how long a signed URL can start a transfer (default 24h)"),
  idleTimeoutMs: durationSetting(
    "idleTimeout",
    "how long a transfer may make no progress (default 60s)",
  ),
  drainTimeoutMs: durationSetting(
    "drainTimeout",
    "how long requests may take to finish at the end (default 30s)",
  ),
  logLevel: choiceSetting("logLevel", "how much is logged (default info)", [
    "fatal",
    "error",
    "warn",
    "info",
    "debug",
    "trace",
    "silent",
  ]),
  trustProxy: listSetting(
    "trustProxy",
    "proxies whose X-Forwarded headers are believed (default none)",
    "a list of addresses, ranges such as 10.0.0.0/8, or loopback, linklocal, uniquelocal",
    isProxyAddress,
  ),
  corsOrigins: corsOriginsSetting(
    "corsOrigins",
    "origins of web pages that may use the server from a browser; * for all (default none)",
    "a list of origins such as https://app.example.org, without a path, or * alone",
  ),
  maxConnections: integerSetting("maxConnections", "most connections at once (default 4096)", {
    min: 1,
    max: 1_000_000,
  }),
};

/** The names of the values in {@link ServerConfig}. */
export const SETTING_KEYS: readonly (keyof ServerConfig)[] = [
  "data",
  "listen",
  "publicUrl",
  "anonymousRead",
  "entityCreation",
  "downloads",
  "accelRedirect",
  "requireSif",
  "maxImageBytes",
  "uploadTtlMs",
  "urlTtlMs",
  "idleTimeoutMs",
  "drainTimeoutMs",
  "logLevel",
  "trustProxy",
  "corsOrigins",
  "maxConnections",
];
