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

/** What one side says about an input. */
interface Answers {
  readonly parse: ParsedRef;
  readonly parseAmbiguous: ParsedRef;
  readonly [predicate: string]: unknown;
}

/**
 * Where our parsers answer otherwise on purpose. Each names the reason; `applies` sees the input,
 * Go's answer and ours.
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

function ourAnswers(raw: string): Answers {
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

/** Go's answer where ours differs from it deliberately, so that the two compare equal. */
function withoutDeliberate(raw: string, go: Answers, ours: Answers): Answers {
  const settle = (key: "parse" | "parseAmbiguous"): ParsedRef =>
    DELIBERATE_DIFFERENCES.some(({ applies }) => applies(raw, go[key], ours[key]))
      ? ours[key]
      : go[key];
  return { ...go, parse: settle("parse"), parseAmbiguous: settle("parseAmbiguous") };
}

/** What the Go package says about each input. */
function goAnswers(program: string, raws: readonly string[]): Answers[] {
  const input = raws.map((raw) => JSON.stringify(raw)).join("\n");
  const run = spawnSync(program, { input, maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error(`running the program: ${run.stderr.toString()}`);
  const lines = run.stdout.toString().trimEnd().split("\n");
  if (lines.length !== raws.length) throw new Error("the program did not answer every input");
  return lines.map((line): Answers => JSON.parse(line));
}

/**
 * Every input on which the two sides differ, with both answers; JSON cannot carry halves of
 * surrogate pairs.
 */
function differences(program: string, inputs: readonly string[]): unknown[] {
  const raws = inputs.filter(isUnicode);
  const answers = goAnswers(program, raws);
  return answers.flatMap((answer, at) => {
    const raw = raws[at] ?? "";
    const ours = ourAnswers(raw);
    const go = withoutDeliberate(raw, answer, ours);
    return canonical(go) === canonical(ours) ? [] : [{ raw, go, ours }];
  });
}

function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** JSON of an answer with its fields in one order. */
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
