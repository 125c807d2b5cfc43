import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of sample images beside the repository. Absent on most machines. */
export const CORPUS = fileURLToPath(new URL("../../../../shared/corpus/", import.meta.url));

/** Whether the sample images exist. */
export const hasCorpus = existsSync(CORPUS);

/** A verification of a sample image, and its outcome. */
export interface CorpusVerification {
  readonly expect: string;
  readonly options: {
    readonly groups?: number[];
    readonly objects?: number[];
    readonly pgp?: string[];
    readonly keys?: string[];
    readonly legacy?: boolean;
    readonly legacy_all?: boolean;
  };
}

/** A sample image made for this project, and its expected properties. */
export interface DerivedCase {
  readonly load: "ok" | "reject";
  readonly facts: Record<string, unknown>;
  readonly verify: CorpusVerification[];
}

/** A sample image of the reference implementation, and its expected properties. */
export interface ReferenceCase {
  readonly fps: string[];
  readonly launch: string;
  readonly signatures: string[];
  readonly [fact: string]: unknown;
}

/** Returns the cases of a folder of samples, by image name; none if the samples are absent. */
export function corpusCases<Case>(folder: "derived" | "reference"): [string, Case][] {
  if (!hasCorpus) return [];
  const text = readFileSync(join(CORPUS, folder, "expected.json"), "utf8");
  const cases: Record<string, Case> = JSON.parse(text);
  return Object.entries(cases);
}

/** Returns the bytes of a file of the samples. */
export const corpusBytes = (folder: string, name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(CORPUS, folder, name)));
