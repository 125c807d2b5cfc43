/** How a run ended that kept what is promised; anything else is thrown. */
export type Outcome =
  /** What was asked for is there, whole and with the right hash. */
  | { readonly kind: "whole" }
  /** A typed error with this code, nothing under the final name, and the next try succeeded. */
  | { readonly kind: "refused"; readonly code: string };

/** One fault of a test, as it is done with every seed. */
export interface FaultVariant {
  readonly name: string;
  /**
   * Its runs move much: a fifth of the seeds will do, fewer run at a time, and none among the
   * integration tests.
   */
  readonly isHeavy?: boolean;
  /**
   * Longest time that a run may take, in milliseconds, default two minutes: all faults end, in a
   * result or in an error.
   */
  readonly maxRunMs?: number;
  /**
   * Throws when the promise is broken: a wrong file, an error without a type, a retry that fails, a
   * run without end.
   */
  readonly run: (seed: number) => Promise<Outcome>;
}

/** One test of the catalogue. */
export interface FaultCase {
  /** As in the catalogue of tests: `T6`. */
  readonly id: string;
  readonly title: string;
  /** How many seeds each variant is run with, unless the command says otherwise. */
  readonly seeds: number;
  /**
   * How many runs are made at a time, default 1: more where runs mostly wait and share nothing that
   * they change.
   */
  readonly concurrency?: number;
  /**
   * Every how manieth light variant is also run, with one seed, among the integration tests;
   * default 1, 0 is none.
   */
  readonly sampleEvery?: number;
  /** Opens what the variants share; closed afterwards. */
  readonly open: () => Promise<OpenedFaultCase>;
}

/** A test that is ready to run. */
export interface OpenedFaultCase {
  readonly variants: readonly FaultVariant[];
  readonly close: () => Promise<void>;
}

/** What was asked for is there, whole and right. */
export const WHOLE: Outcome = { kind: "whole" };
