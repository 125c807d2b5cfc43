/** Outcome of a run that kept the promises; anything else is thrown. */
export type Outcome =
  /** The requested file or image is complete and has the right hash. */
  | { readonly kind: "whole" }
  /** A typed error with this code, nothing under the final name, and the next attempt succeeded. */
  | { readonly kind: "refused"; readonly code: string };

/** One fault of a test, run with every seed. */
export interface FaultVariant {
  readonly name: string;
  /**
   * Its runs transfer much: it uses a fifth of the seeds, runs fewer at a time, and none in the
   * integration tests.
   */
  readonly isHeavy?: boolean;
  /**
   * Longest time of a run in milliseconds (default: two minutes), since every fault must end in a
   * result or an error.
   */
  readonly maxRunMs?: number;
  /**
   * Throws if a promise is broken: a wrong file, an error without a type, a retry that fails, or a
   * run that does not end.
   */
  readonly run: (seed: number) => Promise<Outcome>;
}

/** One test of the catalogue. */
export interface FaultCase {
  /** As in the catalogue of tests: `T6`. */
  readonly id: string;
  readonly title: string;
  /** Number of seeds for each variant, unless the command sets it. */
  readonly seeds: number;
  /**
   * Number of runs at a time (default: 1). More is useful if runs mostly wait and share no mutable
   * state.
   */
  readonly concurrency?: number;
  /** The integration tests run every n-th light variant with one seed (default: 1; 0 for none). */
  readonly sampleEvery?: number;
  /** Opens the state that the variants share; it is closed afterwards. */
  readonly open: () => Promise<OpenedFaultCase>;
}

/** A test that is ready to run. */
export interface OpenedFaultCase {
  readonly variants: readonly FaultVariant[];
  readonly close: () => Promise<void>;
}

/** The requested file or image is complete and right. */
export const WHOLE: Outcome = { kind: "whole" };
