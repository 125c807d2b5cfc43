/** Which of our packages each package may import. ARCHITECTURE.md shows the same table. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  sif: [],
  protocol: [],
  client: ["@sifshelf/protocol"],
  server: ["@sifshelf/protocol", "@sifshelf/sif"],
  cli: ["@sifshelf/client", "@sifshelf/protocol", "@sifshelf/sif"],
  testing: ["@sifshelf/protocol", "@sifshelf/sif"],
};

/** Packages whose code runs in browsers, except what lies in folders named `node`. */
export const PLATFORM_NEUTRAL: readonly string[] = ["sif", "protocol", "client"];

/**
 * Which folders of its package's `src` each folder may import, besides itself. Files directly in
 * `src` compose them and may import all. A nested folder with its own row (`catalog/sqlite`) is
 * separate from its parent. ARCHITECTURE.md shows the same tables.
 */
export const FOLDERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  sif: {
    bytes: [],
    format: ["bytes"],
    keys: ["bytes"],
    write: ["bytes", "format"],
    integrity: ["bytes", "format", "keys", "write"],
    oci: ["bytes", "format", "integrity", "keys"],
    pgp: ["format", "integrity", "keys"],
    x509: ["bytes", "keys"],
    node: ["bytes", "write"],
  },
  protocol: {
    refs: [],
    schema: [],
    models: ["refs", "schema"],
  },
  client: {
    errors: [],
    platform: ["errors"],
    http: ["errors", "platform"],
    "http/blocks": ["http", "platform"],
    "http/browser": ["http", "platform"],
    "http/node": ["errors", "http", "http/blocks", "platform"],
    transfer: ["errors", "http", "platform"],
    hashing: ["errors", "http", "platform", "transfer"],
    operations: ["errors", "http", "platform"],
    push: ["errors", "hashing", "http", "operations", "platform", "transfer"],
    pull: ["errors", "hashing", "http", "operations", "platform", "transfer"],
    client: [
      "errors",
      "http",
      "http/browser",
      "http/node",
      "operations",
      "platform",
      "pull",
      "push",
      "transfer",
    ],
    "go-compat": ["transfer"],
    node: [
      "client",
      "errors",
      "hashing",
      "http",
      "http/node",
      "operations",
      "platform",
      "pull",
      "transfer",
    ],
  },
  server: {
    faults: [],
    ids: [],
    settings: [],
    "data-folder": [],
    access: ["faults"],
    blobs: ["faults"],
    "blobs/filesystem": ["blobs", "faults", "ids"],
    catalog: ["access", "ids"],
    "catalog/sqlite": ["catalog", "data-folder", "faults"],
    "catalog/open": ["catalog", "catalog/sqlite"],
    coordination: ["catalog", "faults"],
    jobs: ["catalog", "coordination", "faults"],
    inspection: ["faults"],
    library: ["access", "blobs", "catalog", "coordination", "faults", "inspection", "jobs"],
    accounts: ["access", "catalog", "faults"],
    upkeep: ["catalog", "coordination", "jobs", "library"],
    transfers: ["blobs", "faults"],
    http: ["faults", "settings"],
    "api/library": ["access", "accounts", "faults", "http", "library", "transfers"],
    "api/remote": ["access", "accounts", "faults", "http", "library"],
    commands: [
      ".",
      "access",
      "accounts",
      "catalog",
      "catalog/open",
      "data-folder",
      "faults",
      "settings",
    ],
  },
  cli: {
    context: [],
    errors: [],
    output: ["context", "errors"],
    network: ["context", "errors"],
    options: ["context", "errors", "output"],
    files: ["context", "errors", "output"],
    config: ["context", "errors", "files"],
    keys: ["context", "errors", "files"],
    library: ["config", "context", "errors", "files", "network", "options", "output"],
    image: ["context", "errors", "library", "options", "output"],
    "commands/sif": ["context", "errors", "files", "image", "options", "output"],
    commands: [
      "config",
      "errors",
      "files",
      "image",
      "keys",
      "library",
      "network",
      "options",
      "output",
    ],
    testing: [".", "context"],
  },
  testing: {
    "bad-line": ["."],
  },
};

/** Third-party packages that only some folders of the server may import. */
export const OUTSIDE_MODULES: Readonly<Record<string, readonly string[]>> = {
  fastify: [".", "api/library", "api/remote", "http", "transfers"],
  "@fastify/cors": ["http"],
  kysely: ["catalog", "catalog/sqlite"],
  "better-sqlite3": ["catalog/sqlite", "data-folder"],
};
