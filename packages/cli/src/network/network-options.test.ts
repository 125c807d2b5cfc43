import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { networkOptions } from "./network-options.js";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sifshelf-network-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("networkOptions", () => {
  describe("when a file of certificates is named", () => {
    it("returns what it holds, relative to the working folder", async () => {
      await writeFile(join(cwd, "site.pem"), PEM);
      expect(await networkOptions({ caFile: "site.pem" }, { cwd, env: {} })).toEqual({ ca: PEM });
    });

    it("rejects with usage when it holds none", async () => {
      await writeFile(join(cwd, "site.pem"), "not a certificate");
      await expect(networkOptions({ caFile: "site.pem" }, { cwd, env: {} })).rejects.toMatchObject({
        code: "usage",
      });
    });

    it("rejects with the system's error when it is not there", async () => {
      await expect(networkOptions({ caFile: "site.pem" }, { cwd, env: {} })).rejects.toMatchObject({
        code: "ENOENT",
      });
    });
  });

  describe("when the environment names a proxy", () => {
    it("returns how to find it", async () => {
      const env = { HTTPS_PROXY: "http://proxy.example:3128" };
      const { proxy, ca } = await networkOptions({}, { cwd, env });
      expect(proxy?.(new URL("https://library.example"))?.host).toBe("proxy.example:3128");
      expect(ca).toBeUndefined();
    });
  });

  describe("when the environment names certificates", () => {
    it("returns them beside those of the named file, in whatever variable they are", async () => {
      const files = ["site", "system", "extra"];
      for (const name of files) await writeFile(join(cwd, `${name}.pem`), `# ${name}\n${PEM}`);
      const env = { SSL_CERT_FILE: join(cwd, "system.pem"), NODE_EXTRA_CA_CERTS: "extra.pem" };
      const { ca = "" } = await networkOptions({ caFile: "site.pem" }, { cwd, env });
      expect(ca.match(/# \w+/g)).toEqual(files.map((name) => `# ${name}`));
    });

    it("passes over what is not there, or holds none", async () => {
      await writeFile(join(cwd, "none.pem"), "nothing");
      const env = { SSL_CERT_FILE: "gone.pem", NODE_EXTRA_CA_CERTS: "none.pem" };
      expect(await networkOptions({}, { cwd, env })).toEqual({});
    });
  });

  describe("when there is neither", () => {
    it("returns nothing", async () => {
      expect(await networkOptions({}, { cwd, env: {} })).toEqual({});
    });
  });
});
