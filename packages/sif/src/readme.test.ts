import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSif } from "@sifshelf/testing";
import { generateKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const entry = (path: string) => new URL(`../dist/${path}`, import.meta.url).href;
const readText = (path: string) => readFile(fileURLToPath(new URL(path, import.meta.url)), "utf8");

describe("README.md", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sif-readme-"));
    const pgp = await generateKey({ userIDs: [{ name: "Alice" }], passphrase: "secret" });
    const pem = generateKeyPairSync("ed25519");
    const files: Record<string, string | Uint8Array> = {
      "image.sif": buildSif({ labels: { flavour: "vanilla" } }),
      "rootfs.squashfs": new Uint8Array(5000),
      "alice.asc": pgp.privateKey,
      "alice.pub.asc": pgp.publicKey,
      "key.pem": pem.privateKey.export({ type: "pkcs8", format: "pem" }),
      "key.pub.pem": pem.publicKey.export({ type: "spki", format: "pem" }),
    };
    for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), data);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("has examples that run, in order, on the built package", async () => {
    const readme = await readText("../README.md");
    const outputs: string[] = [];
    for (const [, code = ""] of readme.matchAll(/```js\n(.*?)```/gs)) {
      const script = code
        .replaceAll('"@sifshelf/sif"', `"${entry("index.js")}"`)
        .replaceAll('"@sifshelf/sif/node"', `"${entry("node/index.js")}"`)
        .replaceAll('"@sifshelf/sif/pgp"', `"${entry("pgp/index.js")}"`);
      await writeFile(join(folder, "example.mjs"), script);
      const run = promisify(execFile)(process.execPath, ["example.mjs"], { cwd: folder });
      const { stdout, stderr } = await run;
      expect(stderr).not.toMatch(/error|signature-/i);
      outputs.push(stdout);
    }
    expect(outputs).toHaveLength(6);
    expect(outputs[0]).toContain("vanilla");
    expect(outputs[1]).toBe("true\n");
    expect(outputs[4]).toMatch(/covered: \[ 1, 2, 3 \]/);
  }, 120_000);

  it.each([
    ["SifFormatError", "format/format-error.ts"],
    ["SifIntegrityError", "integrity/integrity-error.ts"],
    ["SifWriteError", "write/write-error.ts"],
    ["KeyError", "keys/key-error.ts"],
    ["OciSifError", "oci/oci-error.ts"],
    ["ByteSourceError", "bytes/byte-source.ts"],
  ])("lists exactly the codes of %s", async (name, file) => {
    const union = new RegExp(`export type ${name}Code =([^;]*);`).exec(await readText(file))?.[1];
    const codes = [...(union ?? "").matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
    const section = (await readText("../README.md")).split(`\n\`${name}\`, `)[1]?.split("\n\n")[1];
    const listed = [...(section ?? "").matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(2);
    expect(listed).toEqual(codes);
  });
});
