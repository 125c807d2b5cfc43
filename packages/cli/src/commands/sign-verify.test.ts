import { buildSif } from "@sifshelf/testing";
import { generateKeyPairSync } from "node:crypto";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKey, readKey } from "openpgp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { CODE_SIGNING_CHAIN } from "../testing/code-signing-chain.js";
import {
  createTestContext,
  type TestContext,
  type TestContextOptions,
} from "../testing/test-context.js";

const PASSPHRASE = "correct horse canary";
const PEM = { publicKeyEncoding: { type: "spki", format: "pem" } } as const;
const PRIVATE_PEM = { type: "pkcs8", format: "pem" } as const;

let context: TestContext;
beforeEach(async () => {
  context = await open();
});
afterEach(() => context.remove());

/** A context in a folder with an image in two groups. */
async function open(options?: TestContextOptions): Promise<TestContext> {
  const opened = await createTestContext(options);
  const data = new TextEncoder().encode("data");
  await writeFile(
    join(opened.cwd, "image.sif"),
    buildSif({
      objects: [
        { dataType: 0x4001, data },
        { dataType: 0x4007, data, group: 2 },
        { dataType: 0x4007, data, group: 1 },
      ],
    }),
  );
  return opened;
}

const write = (name: string, content: string | Uint8Array) =>
  writeFile(join(context.cwd, name), content);

async function writePgp(name: string, passphrase?: string): Promise<string> {
  const { privateKey, publicKey } = await generateKey({
    type: "curve25519",
    userIDs: [{ name, email: `${name}@example.org` }],
    format: "armored",
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  await write(`${name}.asc`, privateKey);
  await write(`${name}.pub.asc`, publicKey);
  const key = await readKey({ armoredKey: publicKey });
  await write(`${name}.pub.pgp`, key.write());
  return key.getFingerprint();
}

async function writePem(name: string): Promise<void> {
  const pair = generateKeyPairSync("ed25519", { ...PEM, privateKeyEncoding: PRIVATE_PEM });
  await write(`${name}.pem`, pair.privateKey);
  await write(`${name}.pub.pem`, pair.publicKey);
}

const imageBytes = () => readFile(join(context.cwd, "image.sif"));

describe("sign and verify", () => {
  it("sign each group with a PGP key, told by its content", async () => {
    const fingerprint = await writePgp("alice");
    const signed = await context.sifshelf("sign", "--json", "--key", "alice.asc", "image.sif");
    expect(signed.json).toEqual({
      ok: true,
      path: "image.sif",
      signatures: [
        { signatureId: 4, group: 1, fingerprint },
        { signatureId: 5, group: 2, fingerprint },
      ],
    });
    for (const key of ["alice.pub.asc", "alice.pub.pgp", "alice.asc"]) {
      const { json } = await context.sifshelf("verify", "--json", "--key", key, "image.sif");
      expect(json).toMatchObject({
        ok: true,
        source: "image.sif",
        objects: [1, 2, 3],
        uncovered: [],
        signatures: [
          { signatureId: 4, kind: "pgp", group: 1, objects: [1, 3], signer: { fingerprint } },
          { signatureId: 5, kind: "pgp", group: 2, objects: [2] },
        ],
      });
    }
    const { stdout } = await context.sifshelf("verify", "--key", "alice.pub.asc", "image.sif");
    expect(stdout).toContain(fingerprint.toUpperCase());
    expect(await readdir(context.cwd)).toHaveLength(4);
  });

  it.each([
    ["Ed25519", () => generateKeyPairSync("ed25519", { ...PEM, privateKeyEncoding: PRIVATE_PEM })],
    [
      "RSA",
      () =>
        generateKeyPairSync("rsa", {
          modulusLength: 2048,
          publicKeyEncoding: { type: "pkcs1", format: "pem" },
          privateKeyEncoding: { type: "pkcs1", format: "pem" },
        }),
    ],
    [
      "ECDSA",
      () =>
        generateKeyPairSync("ec", {
          namedCurve: "P-384",
          ...PEM,
          privateKeyEncoding: { type: "sec1", format: "pem" },
        }),
    ],
  ])("sign with a key in PEM: %s", async (_, generate) => {
    const { privateKey, publicKey } = generate();
    await write("key.pem", privateKey);
    await write("key.pub.pem", publicKey);
    const signed = await context.sifshelf("sign", "image.sif", "--key", "key.pem");
    expect(signed).toMatchObject({ exitCode: 0 });
    const { json } = await context.sifshelf(
      "verify",
      "--json",
      "--key",
      "key.pub.pem",
      "image.sif",
    );
    expect(json).toMatchObject({ ok: true, signatures: [{ kind: "dsse" }, { kind: "dsse" }] });
  });

  it("take several keys after one flag, of any kind", async () => {
    await writePgp("alice");
    for (const name of ["bob", "carol"]) await writePem(name);
    await context.sifshelf("sign", "--key", "alice.asc", "image.sif");
    await context.sifshelf("sign", "--key", "bob.pem", "carol.pem", "image.sif");
    const keys = ["alice.pub.asc", "carol.pub.pem", "bob.pub.pem"];
    const { json } = await context.sifshelf("verify", "--json", "--key", ...keys, "image.sif");
    expect(json).toMatchObject({ ok: true });
    const missing = await context.sifshelf("verify", "--json", "--key", "bob.pub.pem", "image.sif");
    expect(missing.json).toMatchObject({ ok: false, code: "key-material-missing" });
  });

  it("sign and verify what is named", async () => {
    await writePem("bob");
    await context.sifshelf("sign", "--key", "bob.pem", "--group", "2", "image.sif");
    await context.sifshelf("sign", "--key", "bob.pem", "--object", "3", "image.sif");
    const verify = async (...flags: string[]) =>
      (await context.sifshelf("verify", "--json", "--key", "bob.pub.pem", ...flags, "image.sif"))
        .json;
    expect(await verify("--group", "2")).toMatchObject({
      ok: true,
      objects: [2],
      uncovered: [1, 3],
    });
    expect(await verify("--object", "2,3")).toMatchObject({ ok: true, objects: [2, 3] });
    expect(await verify()).toMatchObject({ code: "object-not-signed", error: { objectId: 1 } });
    expect(await verify("--all")).toMatchObject({ code: "object-not-signed" });
    expect(await verify("--group", "9")).toMatchObject({ code: "group-not-found" });
    expect(await verify("--object", "9")).toMatchObject({ code: "object-not-found" });
  });

  it("find a changed byte", async () => {
    await writePem("bob");
    await context.sifshelf("sign", "--key", "bob.pem", "image.sif");
    const bytes = await imageBytes();
    bytes[bytes.indexOf("data")] = 0x44;
    await write("image.sif", bytes);
    const { exitCode, json } = await context.sifshelf(
      "verify",
      "--json",
      "--key",
      "bob.pub.pem",
      "image.sif",
    );
    expect([exitCode, json]).toEqual([
      6,
      expect.objectContaining({ ok: false, code: "object-integrity" }),
    ]);
  });

  it("verify with a certificate that leads to a root", async () => {
    const { key, leaf, intermediate, root } = CODE_SIGNING_CHAIN;
    for (const [name, text] of Object.entries({ key, leaf, intermediate, root })) {
      await write(`${name}.pem`, text);
    }
    await context.sifshelf("sign", "--key", "key.pem", "image.sif");
    const verify = async (...flags: string[]) => {
      const { exitCode, json } = await context.sifshelf("verify", "--json", ...flags, "image.sif");
      return { exitCode, json };
    };
    const certificate = ["--certificate", "leaf.pem"];
    const intermediates = ["--intermediates", "intermediate.pem"];
    const roots = ["--roots", "root.pem"];
    expect(await verify(...certificate, ...intermediates, ...roots)).toMatchObject({ exitCode: 0 });
    const long = ["--certificate-intermediates", "intermediate.pem"];
    expect(await verify(...certificate, ...long, "--certificate-roots", "root.pem")).toMatchObject({
      exitCode: 0,
    });
    expect(await verify(...certificate, ...roots)).toMatchObject({
      exitCode: 6,
      json: { code: "certificate-untrusted" },
    });
    expect(await verify(...certificate)).toMatchObject({ exitCode: 2 });
    expect(await verify(...roots)).toMatchObject({ exitCode: 2 });
    expect(await verify("--key", "leaf.pem")).toMatchObject({
      exitCode: 2,
      json: { code: "key-unsupported" },
    });
  });
});

describe("verify", () => {
  it.each([
    [["image.sif"], "signature-not-found", 6],
    [["--all", "--group", "1", "image.sif"], "usage", 2],
    [["--cosign", "--legacy", "image.sif"], "usage", 2],
    [["--cosign", "image.sif"], "key-material-missing", 6],
    [["--group", "0", "image.sif"], "usage", 2],
    [["--object", "1,x", "image.sif"], "usage", 2],
    [["--key", "missing.asc", "image.sif"], "file-not-found", 3],
    [["--key", "image.sif", "./image.sif"], "key-malformed", 2],
    [["--key"], "usage", 2],
    [["--key", "missing.asc"], "usage", 2],
    [["--legacy", "image.sif"], "object-not-found", 6],
  ])("ends %j with %s", async (argv, code, exitCode) => {
    const outcome = await context.sifshelf("verify", "--json", ...argv);
    expect([outcome.exitCode, outcome.json]).toEqual([
      exitCode,
      expect.objectContaining({ ok: false, code }),
    ]);
  });

  it("prints no result when it fails", async () => {
    const { stdout, stderr } = await context.sifshelf("verify", "image.sif");
    expect(stdout).toBe("");
    expect(stderr).toContain("[signature-not-found]");
  });
});

describe("sign", () => {
  it.each<[string, TestContextOptions, string[]]>([
    ["from standard input", { stdin: `${PASSPHRASE}\n` }, ["--passphrase-stdin"]],
    ["from the terminal", { isTerminal: true, answers: { secret: PASSPHRASE } }, []],
  ])("takes the passphrase %s", async (_, options, flags) => {
    await context.remove();
    context = await open(options);
    await writePgp("alice", PASSPHRASE);
    const { exitCode } = await context.sifshelf(
      "sign",
      "--key",
      "alice.asc",
      ...flags,
      "image.sif",
    );
    expect(exitCode).toBe(0);
  });

  it("takes the passphrase of an encrypted key in PEM", async () => {
    await context.remove();
    context = await open({ stdin: PASSPHRASE });
    const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
      ...PEM,
      privateKeyEncoding: { ...PRIVATE_PEM, cipher: "aes-256-cbc", passphrase: PASSPHRASE },
    });
    await write("key.pem", privateKey);
    await write("key.pub.pem", publicKey);
    const flags = ["--key", "key.pem", "--passphrase-stdin"];
    expect(await context.sifshelf("sign", ...flags, "image.sif")).toMatchObject({ exitCode: 0 });
    const verified = await context.sifshelf("verify", "--key", "key.pub.pem", "image.sif");
    expect(verified).toMatchObject({ exitCode: 0 });
  });

  it("tells no passphrase to anyone", async () => {
    await context.remove();
    context = await open({ stdin: `wrong ${PASSPHRASE}\n` });
    await writePgp("alice", PASSPHRASE);
    const argv = ["--verbose", "--key", "alice.asc", "--passphrase-stdin", "image.sif"];
    const { exitCode, stdout, stderr } = await context.sifshelf("sign", ...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("[key-locked]");
    expect(stdout + stderr).not.toContain("horse");
  });

  it.each<[string, string[], string, number]>([
    ["no key", ["image.sif"], "usage", 2],
    ["a locked key and nobody to ask", ["--key", "locked.asc", "image.sif"], "no-terminal", 2],
    [
      "an empty passphrase",
      ["--key", "locked.asc", "--passphrase-stdin", "image.sif"],
      "passphrase-not-valid",
      2,
    ],
    ["a public key", ["--key", "bob.pub.pem", "image.sif"], "key-malformed", 2],
    ["no key file", ["--key", "missing", "image.sif"], "file-not-found", 3],
    ["a mix of keys", ["--key", "alice.asc", "bob.pem", "image.sif"], "key-unsupported", 2],
    ["no file", ["--key", "bob.pem", "missing.sif"], "file-not-found", 3],
    ["a folder", ["--key", "bob.pem", "."], "source-not-a-file", 2],
    ["a file that is no image", ["--key", "bob.pem", "bob.pub.pem"], "sif-too-short", 6],
    [
      "a group that is not there",
      ["--key", "bob.pem", "--group", "9", "image.sif"],
      "object-not-found",
      3,
    ],
  ])("leaves the file as it was with %s", async (_, argv, code, exitCode) => {
    await writePem("bob");
    await writePgp("alice");
    await writePgp("locked", PASSPHRASE);
    const before = await imageBytes();
    const names = await readdir(context.cwd);
    const outcome = await context.sifshelf("sign", "--json", ...argv);
    expect([outcome.exitCode, outcome.json]).toEqual([
      exitCode,
      expect.objectContaining({ ok: false, code }),
    ]);
    expect(before.equals(await imageBytes())).toBe(true);
    expect(await readdir(context.cwd)).toEqual(names);
  });

  it("leaves the file as it was when it is interrupted", async () => {
    await writePem("bob");
    await copyFile(join(context.cwd, "image.sif"), join(context.cwd, "copy.sif"));
    context.interrupt("SIGINT");
    const { exitCode } = await context.sifshelf("sign", "--key", "bob.pem", "image.sif");
    expect(exitCode).toBe(130);
    expect((await imageBytes()).equals(await readFile(join(context.cwd, "copy.sif")))).toBe(true);
  });
});
