import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DEFAULT_CONFIG, SETTINGS, SETTING_KEYS } from "./settings.js";
import { ConfigError } from "./config-error.js";
import { type ConfigSources, readConfig } from "./read-config.js";

/** Reads with `--data data` unless the test gives flags of its own. */
function read(sources: Partial<ConfigSources>) {
  return readConfig({ flags: { data: "data" }, env: {}, ...sources });
}

function faultsOf(sources: Partial<ConfigSources>): string[] {
  try {
    read(sources);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.faults.map(({ source, key }) => `${source} ${key}`);
    throw error;
  }
  return [];
}

describe("readConfig", () => {
  let folder: string;
  let configPath: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-config-"));
    configPath = join(folder, "server.toml");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  describe("when only the data folder is given", () => {
    it("returns the defaults and an absolute path", () => {
      expect(read({})).toEqual({ ...DEFAULT_CONFIG, data: resolve("data") });
    });
  });

  describe("when every setting is in the file", () => {
    it("returns them with their units resolved", () => {
      writeFileSync(
        configPath,
        `data = "/srv/library"
        listen = "[::1]:0"
        publicUrl = "https://library.example.org/sif/"
        anonymousRead = false
        entityCreation = "own-name"
        downloads = "stream"
        accelRedirect = "/_blobs/"
        requireSif = false
        maxImageSize = "10GiB"
        uploadTtl = "7d"
        urlTtl = "90m"
        idleTimeout = "1500ms"
        drainTimeout = "1s"
        logLevel = "debug"
        trustProxy = ["10.0.0.0/8", "::1", "loopback"]
        corsOrigins = ["https://app.example.org", "http://localhost:5173"]
        maxConnections = 10`,
      );

      expect(read({ flags: {}, configPath })).toEqual({
        data: "/srv/library",
        listen: { host: "::1", port: 0 },
        publicUrl: "https://library.example.org/sif",
        anonymousRead: false,
        entityCreation: "own-name",
        downloads: "stream",
        accelRedirect: "/_blobs/",
        requireSif: false,
        maxImageBytes: 10 * 2 ** 30,
        uploadTtlMs: 7 * 86_400_000,
        urlTtlMs: 90 * 60_000,
        idleTimeoutMs: 1500,
        drainTimeoutMs: 1000,
        logLevel: "debug",
        trustProxy: ["10.0.0.0/8", "::1", "loopback"],
        corsOrigins: ["https://app.example.org", "http://localhost:5173"],
        maxConnections: 10,
      });
    });
  });

  describe("when settings are in the environment", () => {
    it("reads texts as what they stand for", () => {
      const env = {
        PATH: "/bin",
        SIFSHELF_SERVER_DATA: "/srv/env",
        SIFSHELF_SERVER_ANONYMOUS_READ: "false",
        SIFSHELF_SERVER_MAX_IMAGE_SIZE: "4096",
        SIFSHELF_SERVER_MAX_CONNECTIONS: "12",
        SIFSHELF_SERVER_TRUST_PROXY: "10.1.2.3, fd00::/8",
        SIFSHELF_SERVER_PUBLIC_URL: "http://localhost:1234",
      };

      expect(read({ flags: {}, env })).toMatchObject({
        data: "/srv/env",
        anonymousRead: false,
        maxImageBytes: 4096,
        maxConnections: 12,
        trustProxy: ["10.1.2.3", "fd00::/8"],
        publicUrl: "http://localhost:1234",
      });
    });

    it("finds the file that SIFSHELF_SERVER_CONFIG names", () => {
      writeFileSync(configPath, 'logLevel = "warn"');

      expect(read({ env: { SIFSHELF_SERVER_CONFIG: configPath } }).logLevel).toBe("warn");
    });
  });

  describe("when several sources have a setting", () => {
    it("takes the flag before the environment, that before the file", () => {
      writeFileSync(configPath, 'listen = "127.0.0.1:1"\nlogLevel = "warn"\nurlTtl = "1h"');
      const env = { SIFSHELF_SERVER_LISTEN: "127.0.0.1:2", SIFSHELF_SERVER_LOG_LEVEL: "error" };
      const config = read({ configPath, env, flags: { data: "data", listen: "127.0.0.1:3" } });

      expect(config).toMatchObject({ listen: { port: 3 }, logLevel: "error", urlTtlMs: 3_600_000 });
    });
  });

  describe("when much is wrong", () => {
    it("reports ten faults at once, with source and key, and no values", () => {
      writeFileSync(
        configPath,
        `listen = 8080
        maxImageSize = "10 potatoes"
        uploadTtl = 86400
        anonymousRead = "yes"
        trustProxy = "10.0.0.1"
        colour = "s3cret-value"`,
      );
      const env = {
        SIFSHELF_SERVER_DOWNLOADS: "s3cret-value",
        SIFSHELF_SERVER_PUBLIC_URL: "https://user:s3cret-value@example.org",
        SIFSHELF_SERVER_TOKEN: "s3cret-value",
      };
      const sources = { configPath, env, flags: { maxConnections: "0" } };

      expect(faultsOf(sources).toSorted()).toEqual(
        [
          `${configPath} listen`,
          `${configPath} maxImageSize`,
          `${configPath} uploadTtl`,
          `${configPath} anonymousRead`,
          `${configPath} trustProxy`,
          `${configPath} colour`,
          "environment SIFSHELF_SERVER_DOWNLOADS",
          "environment SIFSHELF_SERVER_PUBLIC_URL",
          "environment SIFSHELF_SERVER_TOKEN",
          "command line --max-connections",
          "command line --data",
        ].toSorted(),
      );
      expect(() => read(sources)).toThrow(expect.objectContaining({ code: "config-not-valid" }));
      expect(() => read(sources)).not.toThrow(/s3cret-value/);
    });
  });

  describe("when the file cannot be used", () => {
    it("reports a file that is not there, beside other faults", () => {
      expect(faultsOf({ configPath, flags: { data: "d", listen: "nowhere" } })).toEqual([
        `${configPath} file`,
        "command line --listen",
      ]);
    });

    it("reports the line that is not TOML", () => {
      writeFileSync(configPath, 'listen = "127.0.0.1:1"\nlogLevel = = "s3cret-value"\n');

      expect(faultsOf({ configPath })).toEqual([`${configPath} line 2`]);
    });

    it("reports a file that is too large", () => {
      writeFileSync(configPath, "#".repeat(64 * 1024 + 1));

      expect(faultsOf({ configPath })).toEqual([`${configPath} file`]);
    });

    it("takes keys that every object has as unknown", () => {
      writeFileSync(configPath, '__proto__ = 1\nconstructor = 2\ntoString = "x"');

      expect(faultsOf({ configPath })).toHaveLength(3);
    });
  });
});

describe("SETTINGS", () => {
  it("has each setting once in the list of its keys", () => {
    expect(SETTING_KEYS.toSorted()).toEqual(Object.keys(SETTINGS).toSorted());
  });

  it.each([
    [
      "listen",
      [
        "127.0.0.1:0",
        "0.0.0.0:65535",
        "[::]:80",
        "localhost:1",
        "a-b.example.org:8080",
        "[fe80::1%eth0]:1",
      ],
    ],
    ["publicUrl", ["http://h", "https://h:1/p/q/", "https://[::1]:1"]],
    ["accelRedirect", ["/a/", "/_sifshelf-blobs/", "/a.b/c~d/"]],
    ["maxImageBytes", [1, 4096, "1B", "500MB", "10 GiB", "1TiB"]],
    ["uploadTtlMs", ["1s", "1000ms", "24h", "365d"]],
    ["trustProxy", [[], ["127.0.0.1"], ["10.0.0.0/0", "::/128", "uniquelocal"]]],
    ["corsOrigins", [[], ["*"], ["https://a.example", "http://[::1]:5173", "http://localhost"]]],
  ] as const)("reads right values of %s", (key, values) => {
    expect(values.filter((value) => SETTINGS[key].type.read(value) === undefined)).toEqual([]);
  });

  it.each([
    ["data", ["", "a\0b", 1]],
    [
      "listen",
      [
        "",
        "8080",
        ":8080",
        "h:",
        "h:65536",
        "h:-1",
        "::1:80",
        "[::1]",
        "[1.2.3.4]:1",
        "1.2.3:1",
        "999.1.1.1:1",
        "-a:1",
        "a b:1",
        "h:1 ",
      ],
    ],
    [
      "publicUrl",
      [
        "",
        "h",
        "//h",
        "ftp://h",
        "file:///x",
        "http://u@h",
        "http://h?q",
        "http://h#f",
        "http://h/?",
        1,
      ],
    ],
    [
      "maxImageBytes",
      [0, -1, 1.5, Number.NaN, "1", "1.5GiB", "-1GB", "1 gib", "9999999TiB", "", true],
    ],
    [
      "uploadTtlMs",
      ["", "0s", "999ms", "366d", "1", 1000, "1h30m", "-1s", "1.5h", "1 s", "9999999999s"],
    ],
    ["maxConnections", [0, 1.5, "5", 1e9]],
    [
      "accelRedirect",
      ["", "/", "a/", "/a", "//", "/../", "/a/./", "/a b/", "/a\r\nb/", "/%41/", "/a?/", 1],
    ],
    ["anonymousRead", ["true", 1, 0, "yes"]],
    ["logLevel", ["INFO", "", "toString"]],
    [
      "trustProxy",
      ["10.0.0.1", [1], ["h"], ["10.0.0.1/33"], ["::/129"], ["10.0.0.1/"], [""], ["*"]],
    ],
    [
      "corsOrigins",
      [
        "https://a.example",
        [1],
        [""],
        ["null"],
        ["a.example"],
        ["https://a.example/"],
        ["https://a.example/app"],
        ["https://a.example:443"],
        ["https://A.example"],
        ["https://u@a.example"],
        ["https://*.a.example"],
        ["file:///x"],
        ["https://a.example", "*"],
      ],
    ],
  ] as const)("refuses wrong values of %s", (key, values) => {
    expect(values.filter((value) => SETTINGS[key].type.read(value) !== undefined)).toEqual([]);
  });
});
