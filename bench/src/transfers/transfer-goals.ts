import type { Spread } from "../spread.js";
import type { TransferRecord } from "./transfer-results.js";

/** A goal and its measured value. */
export interface Goal {
  readonly text: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  readonly unit: string;
  /** Undefined if it was not measured. */
  readonly measured: Spread | undefined;
}

/** Whether the median reaches the goal; undefined if it was not measured. */
export function isReached({ bound, limit, measured }: Goal): boolean | undefined {
  if (measured === undefined) return undefined;
  return bound === "at most" ? measured.median <= limit : measured.median >= limit;
}

type Records = readonly TransferRecord[];

/** Returns all goals, in the order of the page. */
export function transferGoals(records: Records): Goal[] {
  return [
    ratioGoal(records, 0.6, { direction: "push", delayMs: 0, beside: "Go client" }),
    ratioGoal(records, 0.4, { direction: "push", delayMs: 50, beside: "Go client" }),
    ratioGoal(records, 0.9, { direction: "pull", delayMs: 0, beside: "Go client" }),
    ratioGoal(records, 0.5, { direction: "pull", delayMs: 50, beside: "Go client" }),
    ratioGoal(records, 1.25, { direction: "pull", delayMs: 0, beside: "curl" }),
    ratioGoal(records, 1, { direction: "pull", delayMs: 50, beside: "aria2c -x16 -s16" }),
    ...["1 GiB", "20 GiB"].flatMap((size) => [
      figureGoal(records, memoryName("push", size), { bound: "at most", limit: 150 }),
      figureGoal(records, memoryName("pull", size), { bound: "at most", limit: 150 }),
    ]),
    ...[1, 4, 64].map((connections) => downloadGoal(records, connections)),
    figureGoal(records, SERVER_RSS, { bound: "at most", limit: 250 }),
    figureGoal(records, ACCEPTANCE, { bound: "at least", limit: 0.8 }),
  ];
}

/** Name of the figure for the goal of accepted uploads. */
export const SERVER_RSS = "server RSS, 64 pulls";
export const ACCEPTANCE = "accepted uploads relative to one core's SHA-256";

/** Returns the name of the figure for the client's memory during a transfer. */
export function memoryName(direction: "pull" | "push", size: string): string {
  return `client RSS, ${direction} of ${size}`;
}

/**
 * Returns the name of the figure for a download whose bytes the client reads or has its kernel
 * drop.
 */
export function downloadName(connections: number, mode: "read" | "dropped"): string {
  return `download, ${connections} connection${connections === 1 ? "" : "s"}, ${mode}`;
}

function downloadGoal(records: Records, connections: number): Goal {
  const name = `${downloadName(connections, "read")}, relative to nginx's`;
  return figureGoal(records, name, { bound: "at least", limit: 1 });
}

interface Race {
  readonly direction: "pull" | "push";
  readonly delayMs: number;
  readonly beside: string;
}

function ratioGoal(records: Records, limit: number, { direction, delayMs, beside }: Race): Goal {
  const cell = records.find(
    (record) =>
      record.kind === "cell" &&
      record.direction === direction &&
      record.delayMs === delayMs &&
      record.size === "1 GiB",
  );
  const contenders = cell?.kind === "cell" ? cell.contenders : [];
  const link = delayMs === 0 ? "loopback" : `${delayMs} ms`;
  return {
    text: `${direction} of 1 GiB, ${link}: time relative to ${beside}'s`,
    bound: "at most",
    limit,
    unit: "",
    measured: contenders.find(({ name }) => name === beside)?.ratio,
  };
}

function figureGoal(
  records: Records,
  name: string,
  { bound, limit }: Pick<Goal, "bound" | "limit">,
): Goal {
  const figure = records.find((record) => record.kind === "figure" && record.name === name);
  const isFigure = figure?.kind === "figure";
  return {
    text: name,
    bound,
    limit,
    unit: isFigure ? figure.unit : "",
    measured: isFigure ? figure.value : undefined,
  };
}
