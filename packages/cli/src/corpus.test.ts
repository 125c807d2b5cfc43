import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createTestContext, type TestContext } from "./testing/test-context.js";

/** The sample images beside the repository; absent on users' machines. */
const CORPUS = fileURLToPath(new URL("../../../../shared/corpus/", import.meta.url));
const HAS_CORPUS = existsSync(CORPUS);

/** The expected result of verification, in the samples' words, and our code. */
const CODES: Readonly<Record<string, string>> = {
  "unknown issuer": "unknown-issuer",
  "not valid": "signature-invalid",
  "not recognized": "signature-unrecognized",
  fingerprint: "fingerprint-mismatch",
  expired: "key-expired",
  "signature not found": "signature-not-found",
  "data object integrity": "object-integrity",
  "descriptor integrity": "descriptor-integrity",
  "header integrity": "header-integrity",
  "object not signed": "object-not-signed",
  "signed object not found": "signed-object-not-found",
};

const FACTS = [
  "arch",
  "deterministic",
  "encrypted",
  "groups",
  "objects",
  "oci",
  "primary",
  "signed",
  "types",
  "uuid",
] as const;

interface VerifyOptions {
  readonly pgp?: readonly string[];
  readonly keys?: readonly string[];
  readonly groups?: readonly number[];
  readonly objects?: readonly number[];
  readonly legacy?: boolean;
  readonly legacy_all?: boolean;
}

interface Derived {
  readonly load: "ok" | "reject";
  readonly facts: Readonly<Record<string, unknown>>;
  readonly verify: readonly { readonly expect: string; readonly options: VerifyOptions }[];
}

type Reference = Readonly<Record<string, unknown>> & { readonly signatures: readonly string[] };

function casesIn<Case>(folder: string): [string, Case][] {
  if (!HAS_CORPUS) return [];
  return Object.entries(JSON.parse(readFileSync(join(CORPUS, folder, "expected.json"), "utf8")));
}

const fileOf = (folder: string, name: string) => join(CORPUS, folder, `${name}.sif`);

function flagsOf(options: VerifyOptions): string[] {
  const keyFiles = [...(options.pgp ?? []), ...(options.keys ?? [])];
  const known = ["pgp", "keys", "groups", "objects", "legacy", "legacy_all"];
  expect(known).toEqual(expect.arrayContaining(Object.keys(options)));
  return [
    ...keyFiles.flatMap((path) => ["--key", join(CORPUS, "derived", path)]),
    ...(options.groups ?? []).flatMap((id) => ["--group", String(id)]),
    ...(options.objects ?? []).flatMap((id) => ["--object", String(id)]),
    ...(options.legacy === true || options.legacy_all === true ? ["--legacy"] : []),
    ...(options.legacy_all === true ? ["--all"] : []),
  ];
}

let context: TestContext;
beforeAll(async () => {
  context = await createTestContext();
});
afterAll(() => context.remove());

describe("sample images", () => {
  it.skipIf(!HAS_CORPUS)(
    "are beside the repository (SKIPPED when ../shared/corpus is absent)",
    () => {
      expect(casesIn("derived").length + casesIn("reference").length).toBeGreaterThan(50);
    },
  );
});

describe.skipIf(!HAS_CORPUS)("inspect --json", () => {
  const derived = casesIn<Derived>("derived");

  it.each(derived.filter(([, { load }]) => load === "ok"))(
    "prints the facts of %s",
    async (name, { facts }) => {
      const { exitCode, json } = await context.sifshelf(
        "inspect",
        "--json",
        fileOf("derived", name),
      );
      expect(exitCode).toBe(0);
      expect(json).toMatchObject(facts);
    },
  );

  it.each(casesIn<Reference>("reference"))(
    "prints the facts of the reference's %s",
    async (name, expected) => {
      const { json } = await context.sifshelf("inspect", "--json", fileOf("reference", name));
      expect(json).toMatchObject(Object.fromEntries(FACTS.map((fact) => [fact, expected[fact]])));
    },
  );

  const rejected = derived.filter(([, { load }]) => load === "reject");
  const commands = ["inspect", "verify", "sif list", "sif header"];
  it.each(rejected.flatMap(([name]) => commands.map((command) => [command, name] as const)))(
    "is refused by %s: %s",
    async (command, name) => {
      const argv = [...command.split(" "), "--json", fileOf("derived", name)];
      const { exitCode, json } = await context.sifshelf(...argv);
      expect(exitCode).toBe(6);
      expect(json).toMatchObject({ ok: false, code: expect.stringMatching(/^sif-/) });
    },
  );
});

describe.skipIf(!HAS_CORPUS)("verify --json", () => {
  const cases = casesIn<Derived>("derived").flatMap(([name, { verify }]) =>
    verify.map((entry): [string, string, string, VerifyOptions] => [
      name,
      entry.expect,
      JSON.stringify(entry.options),
      entry.options,
    ]),
  );

  it.each(cases)("finds %s to be: %s, with %s", async (name, expected, _, options) => {
    const argv = ["verify", "--json", ...flagsOf(options), fileOf("derived", name)];
    const { exitCode, json } = await context.sifshelf(...argv);
    const code = CODES[expected];
    if (expected === "OK") {
      expect([exitCode, json]).toEqual([0, expect.objectContaining({ ok: true })]);
    } else {
      expect(code).toBeDefined();
      expect([exitCode, json]).toEqual([6, expect.objectContaining({ ok: false, code })]);
    }
  });

  it.each(casesIn<Reference>("reference"))(
    "verifies the reference's %s with its own keys",
    async (name, { signatures }) => {
      const keys = ["rsa-public.pem", "ed25519-public.pem", "pgp-public.asc"];
      const legacy = signatures.flatMap((text) => {
        const [, kind, id] = /^legacy→(group|object) (\d+)$/.exec(text) ?? [];
        return kind === undefined || id === undefined ? [] : [`--${kind}`, id];
      });
      const argv = [
        "verify",
        "--json",
        ...(legacy.length === 0 ? [] : ["--legacy", ...legacy]),
        // Several files after one flag, and the image last.
        "--key",
        ...keys.map((key) => join(CORPUS, "reference", "keys", key)),
        fileOf("reference", name),
      ];
      const { exitCode, json } = await context.sifshelf(...argv);
      const code = expect.stringMatching(/^(?:signature-not-found|no-objects)$/);
      const expected = signatures.length > 0 ? { ok: true } : { ok: false, code };
      expect([exitCode, json]).toEqual([
        signatures.length > 0 ? 0 : 6,
        expect.objectContaining(expected),
      ]);
    },
  );

  it("needs a key", async () => {
    const { exitCode, json } = await context.sifshelf("verify", "--json", fileOf("derived", "pgp"));
    expect([exitCode, json]).toEqual([
      6,
      expect.objectContaining({ ok: false, code: "key-material-missing" }),
    ]);
  });

  it.each([
    ["oci-sif", "signature-not-found"],
    ["oci-sif-blob-corrupt", "object-integrity"],
    ["pgp", "oci-not-found"],
  ])("finds no cosign signature in %s: %s", async (name, code) => {
    const key = join(CORPUS, "derived", "keys", "ecdsa-p256.pub.pem");
    const argv = ["verify", "--json", "--cosign", "--key", key, fileOf("derived", name)];
    const { exitCode, json } = await context.sifshelf(...argv);
    expect([exitCode, json]).toEqual([6, expect.objectContaining({ ok: false, code })]);
  });

  it.each([
    ["legacy-object", ["--legacy"], 0],
    ["legacy-all", ["--legacy"], 0],
    ["legacy-all", ["--legacy", "--all"], 0],
    ["legacy-object", ["--legacy", "--all"], 6],
    ["legacy-object", [], 6],
    ["no-primary-data-only", ["--legacy"], 6],
  ])("takes what is old in %s with %j to be worth %i", async (name, flags, exitCode) => {
    const key = join(CORPUS, "derived", "keys", "pgp-a.asc");
    const argv = ["verify", "--json", ...flags, fileOf("derived", name), "--key", key];
    expect(await context.sifshelf(...argv)).toMatchObject({ exitCode });
  });
});
