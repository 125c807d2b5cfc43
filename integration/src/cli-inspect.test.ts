import { generateKeyPairSync } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { writeSifFile } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type CliUser, createCliUser } from "./cli-process.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;
const REF = "library://alice/images/signed:1";

describe.each(["redirect", "stream"] as const)("a library with downloads: %s", (downloads) => {
  let library: TestLibrary;
  let user: CliUser;

  beforeAll(async () => {
    library = await startTestLibrary({ downloads });
    user = await createCliUser();
    const token = await (await library.addUser("alice")).createToken("write");
    Object.assign(user.env, { SIFSHELF_LIBRARY: library.url, SIFSHELF_TOKEN: token });
    await writeSifFile(join(user.folder, "image.sif"), {
      payloadBytes: 20 * MIB,
      labels: { maintainer: "alice" },
    });
    const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    await writeFile(join(user.folder, "key.pem"), privateKey);
    await writeFile(join(user.folder, "key.pub.pem"), publicKey);
    for (const argv of [
      ["sign", "--key", "key.pem", "image.sif"],
      ["push", "--private", "image.sif", REF],
    ]) {
      const { exit, stderr } = await user.run(argv);
      if (exit !== 0) throw new Error(`${argv.join(" ")} ended with ${exit}: ${stderr}`);
    }
  });
  afterAll(async () => {
    await user.remove();
    await library.close();
  });

  it("is inspected with a few requests, without writing anything", async () => {
    const before = await readdir(user.folder);
    const { exit, json, stderr } = await user.run(["inspect", "--json", "--verbose", REF]);
    expect(exit).toBe(0);
    expect(json).toMatchObject({
      ok: true,
      source: REF,
      arch: "amd64",
      signed: true,
      labels: { maintainer: "alice" },
    });
    expect(json).toMatchObject({ deffile: expect.stringContaining("Bootstrap") });
    expect(stderr.split("\n").filter((line) => line.includes("request"))).not.toHaveLength(0);
    expect(stderr.split("\n").filter((line) => line.includes("request")).length).toBeLessThan(6);
    expect(await readdir(user.folder)).toEqual(before);
  });

  it("has its images verified over the network as in a file", async () => {
    const [remote, local] = await Promise.all(
      [REF, "image.sif"].map((image) =>
        user.run(["verify", "--json", "--key", "key.pub.pem", image]),
      ),
    );
    expect([remote?.exit, remote?.stderr]).toEqual([0, ""]);
    expect({ ...remote?.json, source: "image.sif" }).toEqual(local?.json);
  });

  it("does not show a private image without a token", async () => {
    const stranger = await createCliUser();
    stranger.env["SIFSHELF_LIBRARY"] = library.url;
    try {
      const { exit, json } = await stranger.run(["inspect", "--json", REF]);
      expect([exit, json.code]).toEqual([3, "not-found"]);
    } finally {
      await stranger.remove();
    }
  });
});
