import { parseArgs } from "node:util";

/** The parts of the benchmark. */
export const PARTS = ["loopback", "link", "server", "memory"] as const;

/** One of them. */
export type Part = (typeof PARTS)[number];

/** The requested run of the benchmark. */
export interface TransferOptions {
  /** Few rounds of a small image, on loopback; writes no results. */
  readonly isQuick: boolean;
  readonly parts: readonly Part[];
  /** Overrides each part's number. */
  readonly rounds: number | undefined;
  /** Overrides each part's sizes. */
  readonly sizesMib: readonly number[] | undefined;
  /** Round-trip times of the shaped link, in milliseconds. */
  readonly delaysMs: readonly number[];
  readonly directions: readonly ("pull" | "push")[];
}

/** The default run; undefined means each part's own value. */
const FULL = { parts: PARTS, rounds: undefined, sizesMib: undefined } as const;
const QUICK = { parts: ["loopback"], rounds: 2, sizesMib: [256] } as const;

const USAGE =
  "usage: npm run bench -- transfers [--quick] [--only loopback|link|server|memory] [--rounds N]\n" +
  "         [--sizes 256,1024] [--delays 1,20,50] [--directions pull,push]";

/**
 * Reads the arguments of the benchmark.
 *
 * @throws if they are not valid, with the usage
 */
export function parseTransferOptions(args: readonly string[]): TransferOptions {
  const { quick, only, rounds, sizes, delays, directions } = values(args);
  const usual = quick ? QUICK : FULL;
  return {
    isQuick: quick,
    parts: only === undefined ? usual.parts : [part(only)],
    rounds: rounds === undefined ? usual.rounds : numbers(rounds)[0],
    sizesMib: sizes === undefined ? usual.sizesMib : numbers(sizes),
    delaysMs: numbers(delays),
    directions: directions.split(",").map(direction),
  };
}

function values(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        rounds: { type: "string" },
        sizes: { type: "string" },
        delays: { type: "string", default: "1,20,50" },
        directions: { type: "string", default: "pull,push" },
      },
    }).values;
  } catch (cause) {
    throw usageError(cause instanceof Error ? cause.message : "", cause);
  }
}

function part(text: string): Part {
  const found = PARTS.find((name) => name === text);
  if (found === undefined) throw usageError(`no such part: ${text}`);
  return found;
}

function direction(text: string): "pull" | "push" {
  if (text === "pull" || text === "push") return text;
  throw usageError(`no such direction: ${text}`);
}

function numbers(text: string): number[] {
  const all = text.split(",").map(Number);
  if (all.every((number) => Number.isSafeInteger(number) && number > 0)) return all;
  throw usageError(`expected positive integers, got "${text}"`);
}

function usageError(message: string, cause?: unknown): Error {
  return new Error(`${message}\n${USAGE}`, { cause });
}
