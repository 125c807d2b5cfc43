import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import {
  type LibraryRef,
  MAX_REF_LENGTH,
  isImageHash,
  isLibraryPullRef,
  isLibraryPushRef,
  isRefError,
  isRefPart,
  parseAmbiguousLibraryRef,
  parseLibraryPath,
  parseLibraryRef,
} from "@sifshelf/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { randomRefs, tabledRefs } from "./random-refs.js";

const GO_PROGRAM = fileURLToPath(new URL("../go/refs", import.meta.url));
const HAS_GO = spawnSync("go", ["version"]).status === 0;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const REFS_PER_SEED = 5000;

interface ParsedRef {
  readonly error?: string;
  readonly host: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly hostname: string;
  readonly port: string;
  readonly text: string;
}

/** The result of one side for an input. */
interface Results {
  readonly parse: ParsedRef;
  readonly parseAmbiguous: ParsedRef;
  readonly [predicate: string]: unknown;
}

/**
 * Deliberate differences of our parsers. Each names the reason; `applies` gets the input, Go's
 * result and ours.
 */
const DELIBERATE_DIFFERENCES: readonly {
  readonly reason: string;
  readonly applies: (raw: string, go: ParsedRef, ours: ParsedRef) => boolean;
}[] = [
  {
    reason: "escapes that are not UTF-8 are refused: Go keeps their bytes, text cannot hold them",
    applies: (raw, go, ours) =>
      ours.error === "ref-url-not-valid" && go.error !== undefined && hasForeignEscape(raw),
  },
  {
    reason: "the length of a ref is bounded",
    applies: (raw, _go, ours) => ours.error === "ref-too-long" && raw.length > MAX_REF_LENGTH,
  },
];

function hasForeignEscape(raw: string): boolean {
  return Array.from(raw.matchAll(/(?:%[0-9a-f]{2})+/gi)).some(([escapes]) => {
    try {
      decodeURIComponent(escapes);
      return false;
    } catch {
      return true;
    }
  });
}

function parsed(parse: (raw: string) => LibraryRef, raw: string): ParsedRef {
  try {
    const ref = parse(raw);
    const { host, path, tags, hostname, port } = ref;
    return { host, path, tags, hostname, port, text: ref.toString() };
  } catch (error) {
    if (!isRefError(error)) throw error;
    return { error: error.code, host: "", path: "", tags: [], hostname: "", port: "", text: "" };
  }
}

function ourResults(raw: string): Results {
  return {
    parse: parsed(parseLibraryRef, raw),
    parseAmbiguous: parsed(parseAmbiguousLibraryRef, raw),
    isLibraryPullRef: isLibraryPullRef(raw),
    isLibraryPushRef: isLibraryPushRef(raw),
    isRefPart: isRefPart(raw),
    isImageHash: isImageHash(raw),
    libraryPath: parseLibraryPath(raw),
  };
}

/** Returns Go's result where ours differs deliberately, so that the two compare equal. */
function withoutDeliberate(raw: string, go: Results, ours: Results): Results {
  const settle = (key: "parse" | "parseAmbiguous"): ParsedRef =>
    DELIBERATE_DIFFERENCES.some(({ applies }) => applies(raw, go[key], ours[key]))
      ? ours[key]
      : go[key];
  return { ...go, parse: settle("parse"), parseAmbiguous: settle("parseAmbiguous") };
}

/** Returns the Go package's result for each input. */
function goResults(program: string, raws: readonly string[]): Results[] {
  const input = raws.map((raw) => JSON.stringify(raw)).join("\n");
  const run = spawnSync(program, { input, maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error(`running the program: ${run.stderr.toString()}`);
  const lines = run.stdout.toString().trimEnd().split("\n");
  if (lines.length !== raws.length) throw new Error("the program skipped inputs");
  return lines.map((line): Results => JSON.parse(line));
}

/**
 * Every input on which the two sides differ, with both results; JSON cannot represent lone
 * surrogates.
 */
function differences(program: string, inputs: readonly string[]): unknown[] {
  const raws = inputs.filter(isUnicode);
  const results = goResults(program, raws);
  return results.flatMap((result, at) => {
    const raw = raws[at] ?? "";
    const ours = ourResults(raw);
    const go = withoutDeliberate(raw, result, ours);
    return canonical(go) === canonical(ours) ? [] : [{ raw, go, ours }];
  });
}

function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** JSON of a result with its fields in a fixed order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

describe.skipIf(!HAS_GO)(
  `refs as the Go client reads them${HAS_GO ? "" : " (SKIPPED: no go)"}`,
  () => {
    let folder: string;
    let program: string;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "sifshelf-go-refs-"));
      program = join(folder, "refs");
      const build = spawnSync("go", ["build", "-o", program, "."], { cwd: GO_PROGRAM });
      if (build.status !== 0) throw new Error(`building the program: ${build.stderr.toString()}`);
    });

    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it("agrees on every input of the tables", () => {
      expect(differences(program, tabledRefs())).toEqual([]);
    });

    it.each(SEEDS)(`agrees on ${REFS_PER_SEED} random refs of seed %i`, (seed) => {
      expect(differences(program, randomRefs(seed, REFS_PER_SEED)).slice(0, 10)).toEqual([]);
    });
  },
);
