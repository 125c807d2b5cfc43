import { parseArgs } from "node:util";

/** What to measure. */
export interface RequestOptions {
  /** Numbers of images in the catalogs. */
  readonly sizes: readonly number[];
  readonly connections: readonly number[];
  /** Length of one run of load. */
  readonly seconds: number;
  /** Runs of each cell, on each side in turn. */
  readonly rounds: number;
}

/** Reads the arguments of `npm run bench -- requests`. */
export function readRequestOptions(args: readonly string[]): RequestOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: "string", default: "10000,1000000" },
      connections: { type: "string", default: "8,64" },
      seconds: { type: "string", default: "4" },
      rounds: { type: "string", default: "3" },
    },
  });
  return {
    sizes: numbers(values.sizes),
    connections: numbers(values.connections),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
  };
}

function numbers(list: string): number[] {
  return list.split(",").map(Number);
}
