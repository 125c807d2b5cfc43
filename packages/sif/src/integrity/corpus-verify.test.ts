import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { readPgpKeys } from "../pgp/pgp-keyring.js";
import { readSif } from "../format/read-sif.js";
import {
  corpusBytes,
  corpusCases,
  type CorpusVerification,
  type DerivedCase,
  hasCorpus,
  type ReferenceCase,
} from "../../testing/corpus.js";
import { readPublicKeys } from "../keys/dsse-verifier.js";
import { isSifIntegrityError } from "./integrity-error.js";
import { verifySif, type VerifySifOptions } from "./verify-sif.js";

const CODES: Record<string, string> = {
  OK: "OK",
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

const text = (folder: string, path: string) => new TextDecoder().decode(corpusBytes(folder, path));

async function verdict(folder: string, name: string, options: VerifySifOptions): Promise<string> {
  const image = await readSif(memoryByteSource(corpusBytes(folder, `${name}.sif`)));
  try {
    await verifySif(image, options);
    return "OK";
  } catch (error) {
    if (isSifIntegrityError(error)) return error.code;
    throw error;
  }
}

async function optionsOf({ options }: CorpusVerification): Promise<VerifySifOptions> {
  const { pgp, keys, legacy, legacy_all: legacyAll, groups, objects } = options;
  const pems = (keys ?? []).map((path) => readPublicKeys(text("derived", path)));
  return {
    ...(pgp && { pgp: await readPgpKeys(pgp.map((path) => text("derived", path))) }),
    keys: (await Promise.all(pems)).flat(),
    ...(groups && { groups }),
    ...(objects && { objects }),
    mode: legacyAll === true ? "legacy-all" : legacy === true ? "legacy" : "normal",
  };
}

describe.skipIf(!hasCorpus)("verifySif with the sample images", () => {
  const cases = corpusCases<DerivedCase>("derived").flatMap(([name, { verify }]) =>
    verify.map((verification): [string, string, string, CorpusVerification] => [
      name,
      verification.expect,
      JSON.stringify(verification.options),
      verification,
    ]),
  );

  it.each(cases)("finds %s to be: %s, with %s", async (name, expected, _options, verification) => {
    expect(CODES).toHaveProperty([expected]);
    expect(await verdict("derived", name, await optionsOf(verification))).toBe(CODES[expected]);
  });

  it.each(corpusCases<ReferenceCase>("reference"))(
    "verifies the reference's %s with its own keys",
    async (name, { signatures, signed }) => {
      const pems = ["rsa-public.pem", "ed25519-public.pem"];
      const read = pems.map((path) => readPublicKeys(text("reference", `keys/${path}`)));
      const keys = (await Promise.all(read)).flat();
      const pgp = await readPgpKeys([text("reference", "keys/pgp-public.asc")]);
      const legacy = signatures.map((entry) => /^legacy→(group|object) (\d+)$/.exec(entry));
      const isLegacy = legacy.some((match) => match !== null);
      const ids = (kind: string) =>
        legacy.filter((match) => match?.[1] === kind).map((match) => Number(match?.[2]));
      const scope = isLegacy
        ? ({ mode: "legacy", groups: ids("group"), objects: ids("object") } as const)
        : {};
      const expected = signed === true ? "OK" : /^(signature-not-found|no-objects)$/;
      expect(await verdict("reference", name, { pgp, keys, ...scope })).toMatch(expected);
    },
  );
});
