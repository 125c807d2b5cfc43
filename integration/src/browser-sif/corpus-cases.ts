import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { SifCase, Verification } from "./run-case.js";

const CORPUS = fileURLToPath(new URL("../../../../shared/corpus/", import.meta.url));

/** Whether the sample images are beside the repository. */
export const HAS_CORPUS = existsSync(CORPUS);

/** A case from the sample images with its metadata. */
export interface CorpusCase extends SifCase {
  readonly isRefused: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly verdicts: readonly string[];
}

/** Our error codes by the categories of the samples. */
const CODES: Readonly<Record<string, string>> = {
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

interface Expected {
  readonly load?: "ok" | "reject";
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly verify?: readonly {
    readonly expect: string;
    readonly options: {
      readonly groups?: number[];
      readonly objects?: number[];
      readonly pgp?: string[];
      readonly keys?: string[];
      readonly legacy?: boolean;
      readonly legacy_all?: boolean;
    };
  }[];
  readonly [fact: string]: unknown;
}

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
];

/** Returns every sample image as a case; none when they are absent. */
export function corpusCases(): CorpusCase[] {
  if (!HAS_CORPUS) return [];
  return ["derived", "reference"].flatMap((folder) => {
    const text = readFileSync(join(CORPUS, folder, "expected.json"), "utf8");
    const all: Record<string, Expected> = JSON.parse(text);
    return Object.entries(all).map(([name, expected]) => corpusCase(folder, name, expected));
  });
}

function corpusCase(folder: string, name: string, expected: Expected): CorpusCase {
  const read = (path: string): Buffer => readFileSync(join(CORPUS, folder, path));
  const { load = "ok", facts = expected, verify = [] } = expected;
  const known = FACTS.filter((fact) => fact in facts);
  return {
    name: `${folder}/${name}`,
    image: read(`${name}.sif`).toString("base64"),
    isRefused: load === "reject",
    facts: Object.fromEntries(known.map((fact) => [fact, facts[fact]])),
    verifications: verify.map(({ options }): Verification => {
      const { pgp, keys = [], groups, objects, legacy, legacy_all: legacyAll } = options;
      const mode = legacyAll === true ? "legacy-all" : legacy === true ? "legacy" : "normal";
      return {
        mode,
        keys: keys.map((path) => read(path).toString()),
        ...(pgp && { pgp: pgp.map((path) => read(path).toString()) }),
        ...(groups && { groups }),
        ...(objects && { objects }),
      };
    }),
    verdicts: verify.map(({ expect }) => CODES[expect] ?? `unknown expectation ${expect}`),
  };
}
