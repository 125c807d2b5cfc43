import { parseArgs } from "node:util";

/** The parts that the benchmark has. */
export const PARTS = ["loopback", "link", "server", "memory"] as const;

/** One of them. */
export type Part = (typeof PARTS)[number];

/** What the benchmark was asked to do. */
export interface TransferOptions {
  /** Few rounds of little, on loopback; nothing is written. */
  readonly isQuick: boolean;
  readonly parts: readonly Part[];
  /** Instead of each part's own number. */
  readonly rounds: number | undefined;
  /** Instead of each part's own. */
  readonly sizesMib: readonly number[] | undefined;
  /** Round-trip times of the shaped link, in milliseconds. */
  readonly delaysMs: readonly number[];
  readonly directions: readonly ("pull" | "push")[];
}

/** What is measured unless it is said otherwise; undefined: as each part has it. */
const FULL = { parts: PARTS, rounds: undefined, sizesMib: undefined } as const;
const QUICK = { parts: ["loopback"], rounds: 2, sizesMib: [256] } as const;

const USAGE =
  "usage: npm run bench -- transfers [--quick] [--only loopback|link|server|memory] [--rounds N]\n" +
  "         [--sizes 256,1024] [--delays 1,20,50] [--directions pull,push]";

/**
 * Reads the arguments of the benchmark.
 *
 * @throws when they are wrong, with how to use it
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
  if (found === undefined) throw usageError(`there is no part ${text}`);
  return found;
}

function direction(text: string): "pull" | "push" {
  if (text === "pull" || text === "push") return text;
  throw usageError(`there is no direction ${text}`);
}

function numbers(text: string): number[] {
  const all = text.split(",").map(Number);
  if (all.every((number) => Number.isSafeInteger(number) && number > 0)) return all;
  throw usageError(`"${text}" are not whole numbers above 0`);
}

function usageError(message: string, cause?: unknown): Error {
  return new Error(`${message}\n${USAGE}`, { cause });
}
