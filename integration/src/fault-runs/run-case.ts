import type { FaultCase, FaultVariant } from "./fault-case.js";
import type { LedgerEntry, LedgerRow } from "./ledger.js";

/** The runs of a test. */
export interface RunPlan {
  readonly firstSeed: number;
  readonly seeds: number;
  /** The command that repeats the runs. */
  readonly command: string;
  /** Only variants whose name contains this. */
  readonly variant?: string | undefined;
  /** Called after each variant. */
  readonly onRow?: ((row: LedgerRow) => void) | undefined;
}

/** Longest time of a run in milliseconds, unless its variant sets it. */
const MAX_RUN_MS = 120_000;
/** Most runs at a time of variants that transfer much. */
const MAX_HEAVY = 3;
/** A variant that transfers much runs with one seed in this many. */
const HEAVY_SHARE = 5;

/**
 * Runs every variant of a test with every seed, one variant after another. A run that breaks a
 * promise does not stop the others.
 */
export async function runCase(faultCase: FaultCase, plan: RunPlan): Promise<LedgerEntry> {
  const { id, title } = faultCase;
  const { variants, close } = await faultCase.open();
  const rows: LedgerRow[] = [];
  try {
    for (const variant of variants) {
      if (!variant.name.includes(plan.variant ?? "")) continue;
      const row = await runVariant(variant, planOf(variant, plan), {
        concurrency: Math.min(
          faultCase.concurrency ?? 1,
          variant.isHeavy === true ? MAX_HEAVY : Infinity,
        ),
      });
      rows.push(row);
      plan.onRow?.(row);
    }
  } finally {
    await close();
  }
  const { command, firstSeed, seeds } = plan;
  return { id, title, command, firstSeed, seeds, rows };
}

function planOf({ isHeavy }: FaultVariant, plan: RunPlan): RunPlan {
  return isHeavy === true ? { ...plan, seeds: Math.ceil(plan.seeds / HEAVY_SHARE) } : plan;
}

async function runVariant(
  variant: FaultVariant,
  { firstSeed, seeds }: RunPlan,
  { concurrency }: { readonly concurrency: number },
): Promise<LedgerRow> {
  let whole = 0;
  const refused: Record<string, number> = {};
  const broken: string[] = [];
  const left = Array.from({ length: seeds }, (_, index) => firstSeed + index).values();
  const runner = async () => {
    for (const seed of left) {
      try {
        const outcome = await inTime(variant.run(seed), variant.maxRunMs ?? MAX_RUN_MS);
        if (outcome.kind === "whole") whole += 1;
        else refused[outcome.code] = (refused[outcome.code] ?? 0) + 1;
      } catch (error) {
        broken.push(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runner));
  return { variant: variant.name, runs: seeds, whole, refused, broken };
}

async function inTime<T>(run: Promise<T>, maxRunMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${maxRunMs} ms`)), maxRunMs);
  });
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}
