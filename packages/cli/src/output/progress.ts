import type { TransferProgress } from "@sifshelf/client";

import type { OutputStream } from "../context.js";
import { formatBytes, formatDuration } from "./text.js";

/** Shows how far a transfer is. */
export interface ProgressDisplay {
  readonly update: (event: TransferProgress) => void;
  /** Removes what should not stay; call it before anything else is printed. */
  readonly end: () => void;
}

/** Where and how to show progress. */
export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly isQuiet: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
}

/** How often the bar is drawn, in milliseconds: smooth to the eye, cheap for a slow terminal. */
const DRAW_INTERVAL_MS = 100;

/** How often a line is printed where there is no terminal, in milliseconds: a log stays readable. */
const LINE_INTERVAL_MS = 10_000;

const MAX_BAR_CELLS = 24;
const MIN_BAR_CELLS = 8;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = "\r\u001b[K";

const PHASE_NAMES = { hash: "hashing", transfer: "sending", verify: "verifying" } as const;

/**
 * A bar that is redrawn on a terminal; elsewhere, and with `TERM=dumb`, a plain line every ten seconds, so that a
 * short transfer prints none. Nothing when quiet.
 *
 * @param verb what the transfer is called, `sending` or `receiving`
 */
export function createProgress(verb: string, options: ProgressOptions): ProgressDisplay {
  const { stream, isQuiet, env, nowMs } = options;
  if (isQuiet) return { update: () => {}, end: () => {} };
  const isBar = stream.isTTY === true && env["TERM"] !== "dumb";
  const intervalMs = isBar ? DRAW_INTERVAL_MS : LINE_INTERVAL_MS;
  let phase: { readonly name: string; readonly startedMs: number } | undefined;
  let shownMs = nowMs();
  let isDrawn = false;
  return {
    update(event) {
      const now = nowMs();
      if (phase?.name !== event.phase) phase = { name: event.phase, startedMs: now };
      if (now - shownMs < intervalMs) return;
      shownMs = now;
      const named = event.phase === "transfer" ? verb : PHASE_NAMES[event.phase];
      const text = describe(named, event, now - phase.startedMs);
      if (isBar) drawBar(stream, event, text);
      else stream.write(`${text}\n`);
      isDrawn = isBar;
    },
    end() {
      if (isDrawn) stream.write(CLEAR_LINE);
      isDrawn = false;
    },
  };
}

function describe(
  verb: string,
  { bytesDone, bytesTotal }: TransferProgress,
  elapsedMs: number,
): string {
  if (bytesTotal === 0) return `${verb} ${formatBytes(bytesDone)}`;
  const percent = Math.floor(fraction(bytesDone, bytesTotal) * 100);
  const done = `${verb} ${percent}%  ${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`;
  if (elapsedMs <= 0 || bytesDone <= 0) return done;
  const bytesPerMs = bytesDone / elapsedMs;
  const leftMs = Math.max(0, bytesTotal - bytesDone) / bytesPerMs;
  return `${done}  ${formatBytes(bytesPerMs * 1000)}/s  ${formatDuration(leftMs)} left`;
}

function drawBar(stream: OutputStream, event: TransferProgress, text: string): void {
  // One column stays free: a full last column makes some terminals wrap.
  const columns = columnsOf(stream) - 1;
  const cells = Math.min(MAX_BAR_CELLS, columns - text.length - "[] ".length);
  const filled = Math.floor(fraction(event.bytesDone, event.bytesTotal) * Math.max(0, cells));
  const bar = cells < MIN_BAR_CELLS ? "" : `[${"=".repeat(filled).padEnd(cells)}] `;
  stream.write(`${CLEAR_LINE}${`${bar}${text}`.slice(0, columns)}`);
}

/** Some terminals do not know their width, and say 0. */
function columnsOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : DEFAULT_COLUMNS;
}

function fraction(done: number, total: number): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
}
