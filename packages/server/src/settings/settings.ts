import { listenAddressType, proxiesType } from "./addresses.js";
import { durationType, sizeType } from "./quantities.js";
import { type Setting, optionalSetting, requiredSetting, setting } from "./setting.js";
import { choiceType, flagType, integerType, textType } from "./setting-types.js";
import { originsType, originType, publicUrlType, uriPrefixType } from "./urls.js";

/** What an upload in 10 000 parts of 512 MiB can carry. */
const MAX_IMAGE_BYTES = 10_000 * 512 * 2 ** 20;

/**
 * Every setting, under the name of its value in {@link ServerConfig}. To add one, add it here: the
 * file, the variable, the flag, validation and help follow, and `npm run docs` updates the docs.
 */
export const SETTINGS = {
  /** Folder for the catalog and the images. */
  data: requiredSetting({
    name: "data",
    section: "Storage",
    description: "folder for the catalog and the images",
    type: textType("a path", (text) => (text === "" || text.includes("\0") ? undefined : text)),
  }),
  /** Where the server listens. */
  listen: setting(
    {
      name: "listen",
      section: "Network",
      description: "host and port; port 0 takes a free one; IPv6 as `[::1]:8080`",
      type: listenAddressType,
    },
    // Loopback only: a server that others can reach is a decision, and wants TLS in front.
    "127.0.0.1:8080",
  ),
  /** URL under which clients reach the server; undefined: as each request's `Host` says. */
  publicUrl: optionalSetting(
    {
      name: "publicUrl",
      section: "Network",
      description: "URL under which clients reach the server; set it behind a proxy",
      type: publicUrlType,
    },
    "from each request's `Host`",
  ),
  /** URI of the key server that clients are to use; undefined: this server. */
  keyServer: optionalSetting(
    {
      name: "keyServer",
      section: "Network",
      description:
        "[key server](singularity.md#keys) that `singularity` and `apptainer` are told to use, such as `https://keys.example.org`; they send the user's token to it",
      type: originType,
    },
    "this server, which has no keys yet",
  ),
  /** Addresses of proxies whose `X-Forwarded-…` headers are trusted. */
  trustProxy: setting(
    {
      name: "trustProxy",
      section: "Network",
      description:
        "proxies whose `X-Forwarded-*` headers are trusted: addresses, ranges, `loopback`; a list in the file, comma-separated elsewhere",
      type: proxiesType,
    },
    [],
  ),
  /** Origins of pages that may use the server from a browser, beside its own; `["*"]`: all. */
  corsOrigins: setting(
    {
      name: "corsOrigins",
      section: "Network",
      description:
        "[pages that may use the server from a browser](#from-web-pages): exact origins such as `https://app.example.org`, or `*` alone; a list in the file, comma-separated elsewhere",
      type: originsType,
    },
    [],
  ),
  /** Most connections at once. */
  maxConnections: setting(
    {
      name: "maxConnections",
      section: "Network",
      description: "most connections at once",
      type: integerType({ min: 1, max: 1_000_000 }),
    },
    // Enough for hundreds of parallel pulls, within the usual limit on a service's open files.
    4096,
  ),
  /** How long requests in flight may take to finish when the server stops, in milliseconds. */
  drainTimeoutMs: setting(
    {
      name: "drainTimeout",
      section: "Network",
      description: "time allowed for requests in flight to finish when the server stops",
      type: durationType,
    },
    // As long as Kubernetes and systemd wait at least before they kill.
    "30s",
  ),
  /** Whether public images can be read without a token. */
  anonymousRead: setting(
    {
      name: "anonymousRead",
      section: "Access",
      description: "whether public images can be read without a token",
      type: flagType,
    },
    true,
  ),
  /** Who may create an entity. */
  entityCreation: setting(
    {
      name: "entityCreation",
      section: "Access",
      description:
        "who may create entities: `anyone` with a `write` token, users under their `own-name`, or an `admin` only",
      type: choiceType(["anyone", "own-name", "admin"]),
    },
    "anyone",
  ),
  /** How images are sent: by a redirect to a signed URL, or in the reply itself. */
  downloads: setting(
    {
      name: "downloads",
      section: "Images and transfers",
      description:
        "`redirect` to a signed URL, which clients read in parallel ranges, or `stream` the bytes in the reply",
      type: choiceType(["redirect", "stream"]),
    },
    "redirect",
  ),
  /** URI of a front server's internal location for the folder `blobs`; undefined: we send. */
  accelRedirect: optionalSetting(
    {
      name: "accelRedirect",
      section: "Images and transfers",
      description:
        "URI, such as `/_sifshelf-blobs/`, at which a [front server](#images-sent-by-the-front-server) has the folder `blobs`; it then sends the bytes",
      type: uriPrefixType,
    },
    "none: the server sends images",
  ),
  /** Whether files that are not SIF images are refused. */
  requireSif: setting(
    {
      name: "requireSif",
      section: "Images and transfers",
      description: "whether files that are not SIF images are refused",
      type: flagType,
    },
    true,
  ),
  /** Largest image, in bytes. */
  maxImageBytes: setting(
    {
      name: "maxImageSize",
      section: "Images and transfers",
      description: "largest image: `500MB`, `10GiB`, or a number of bytes",
      type: sizeType({ min: 1, max: MAX_IMAGE_BYTES }),
    },
    // Far above any image seen, far below what breaks a disk's accounting.
    "1TiB",
  ),
  /** How long an upload that receives nothing is kept, in milliseconds. */
  uploadTtlMs: setting(
    {
      name: "uploadTtl",
      section: "Images and transfers",
      description: "how long an upload that receives nothing is kept: `90s`, `24h`, `7d`",
      type: durationType,
    },
    // An upload that waits for a person to come back tomorrow is still there.
    "24h",
  ),
  /** How long a signed URL can start a transfer, in milliseconds. */
  urlTtlMs: setting(
    {
      name: "urlTtl",
      section: "Images and transfers",
      description: "how long a signed URL can start a transfer",
      type: durationType,
    },
    // A pull whose last part starts hours after the first still works.
    "24h",
  ),
  /** How long a transfer may make no progress, in milliseconds. */
  idleTimeoutMs: setting(
    {
      name: "idleTimeout",
      section: "Images and transfers",
      description: "time a transfer may make no progress; its total time has no limit",
      type: durationType,
    },
    // A minute without a byte is a dead peer, even on a bad line.
    "60s",
  ),
  /** How much is logged. */
  logLevel: setting(
    {
      name: "logLevel",
      section: "Logging",
      description: "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`",
      type: choiceType(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    },
    "info",
  ),
} as const;

/** Everything that can be set, as the server uses it: sizes in bytes, durations in milliseconds. */
export type ServerConfig = {
  readonly [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key] extends Setting<infer T>
    ? T
    : never;
};

/** Who may create an entity: anyone with a `write` token, users for their own name, or admins. */
export type EntityCreation = ServerConfig["entityCreation"];

/** How images are sent: by a redirect to a signed URL, or in the reply itself. */
export type DownloadMode = ServerConfig["downloads"];

/** How much is logged. */
export type LogLevel = ServerConfig["logLevel"];

/** The names of the values in {@link ServerConfig}, in the order of declaration. */
export const SETTING_KEYS: readonly (keyof ServerConfig)[] = Object.keys(SETTINGS).filter(isKey);

/** The values used where nothing is set; `data` is required and has none. */
export const DEFAULT_CONFIG: Omit<ServerConfig, "data"> = defaults();

function isKey(key: string): key is keyof ServerConfig {
  return Object.hasOwn(SETTINGS, key);
}

function defaults(): Omit<ServerConfig, "data"> {
  const optional = SETTING_KEYS.filter((key) => !SETTINGS[key].isRequired);
  const values = Object.fromEntries(optional.map((key) => [key, SETTINGS[key].byDefault]));
  if (hasDefaults(values)) return values;
  throw new TypeError("a setting other than the data folder has no default");
}

function hasDefaults(values: object): values is Omit<ServerConfig, "data"> {
  return SETTING_KEYS.every((key) => key === "data" || Object.hasOwn(values, key));
}
