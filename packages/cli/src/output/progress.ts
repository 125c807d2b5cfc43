import type { TransferProgress } from "@sifshelf/client";

import type { OutputStream } from "../context/context.js";
import { formatBytes, formatDuration } from "./text.js";

/** How a transfer shows its progress; `auto` is a bar on a terminal and plain lines elsewhere. */
export type ProgressStyle = "auto" | "plain" | "json" | "none";

/** What `--progress json` prints on standard error, one line per event. */
export interface ProgressJson {
  readonly event: "progress";
  readonly phase: "hash" | "transfer" | "verify";
  /** Within the phase, what an earlier transfer brought included. */
  readonly bytesDone: number;
  /** Null while it is not known. */
  readonly bytesTotal: number | null;
  /** Since the phase began. */
  readonly bytesPerSecond: number;
  /** Requests that were made again after a fault, so far. */
  readonly retries: number;
  /** Only on the last event. */
  readonly ended?: "complete" | "failed";
}

/** Shows how far a transfer is. */
export interface ProgressDisplay {
  readonly update: (event: TransferProgress) => void;
  /** Removes what should not stay; call it before anything else is printed. */
  readonly end: () => void;
}

/** Where and how to show progress. */
export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly style: ProgressStyle;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
}

/** How often the bar is drawn, in milliseconds: smooth to the eye, cheap for a slow terminal. */
const DRAW_INTERVAL_MS = 100;

/**
 * How often a line is printed where there is no terminal, in milliseconds: a log stays readable.
 */
const LINE_INTERVAL_MS = 10_000;

const MAX_BAR_CELLS = 24;
const MIN_BAR_CELLS = 8;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = "\r\u001b[K";

const PHASE_NAMES = { hash: "hashing", transfer: "sending", verify: "verifying" } as const;

/**
 * How often an event is written, in milliseconds: a program sees a transfer move, and its log stays
 * small.
 */
const EVENT_INTERVAL_MS = 500;

/**
 * A bar that is redrawn on a terminal; elsewhere, with `TERM=dumb`, and in the style `plain`, a
 * plain line every ten seconds, so that a short transfer prints none. In the style `json` a line of
 * JSON twice a second, and one at the end of each phase. Nothing in the style `none`.
 *
 * @param verb what the transfer is called, `sending` or `receiving`
 */
export function createProgress(verb: string, options: ProgressOptions): ProgressDisplay {
  const { stream, style, env, nowMs } = options;
  if (style === "none") return { update: () => {}, end: () => {} };
  if (style === "json") return createProgressEvents(stream, nowMs);
  const isBar = style === "auto" && stream.isTTY === true && env["TERM"] !== "dumb";
  const intervalMs = isBar ? DRAW_INTERVAL_MS : LINE_INTERVAL_MS;
  const phases = createPhaseClock(nowMs);
  let shownMs = nowMs();
  let isDrawn = false;
  return {
    update(event) {
      const now = nowMs();
      const rate = phases.rateOf(event);
      if (now - shownMs < intervalMs) return;
      shownMs = now;
      const named = event.phase === "transfer" ? verb : PHASE_NAMES[event.phase];
      const text = describe(named, event, rate);
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

function createProgressEvents(stream: OutputStream, nowMs: () => number): ProgressDisplay {
  const phases = createPhaseClock(nowMs);
  let last: { readonly phase: string; readonly ms: number } | undefined;
  return {
    update(event) {
      const bytesPerSecond = Math.round(phases.rateOf(event) * 1000);
      const now = nowMs();
      const isDue = last?.phase !== event.phase || now - last.ms >= EVENT_INTERVAL_MS;
      const isEnd = event.ended !== undefined || event.bytesDone === event.bytesTotal;
      if (!isDue && !isEnd) return;
      last = { phase: event.phase, ms: now };
      const { phase, bytesDone, bytesTotal, retries = 0, ended } = event;
      const json: ProgressJson = {
        event: "progress",
        phase,
        bytesDone,
        bytesTotal: bytesTotal === 0 ? null : bytesTotal,
        bytesPerSecond,
        retries,
        ...(ended === undefined ? {} : { ended }),
      };
      stream.write(`${JSON.stringify(json)}\n`);
    },
    end: () => {},
  };
}

interface PhaseClock {
  /**
   * Bytes per millisecond since the event's phase began; what was done before it does not count.
   */
  readonly rateOf: (event: TransferProgress) => number;
}

function createPhaseClock(nowMs: () => number): PhaseClock {
  let phase: { readonly name: string; readonly ms: number; readonly bytes: number } | undefined;
  return {
    rateOf({ phase: name, bytesDone }) {
      const now = nowMs();
      if (phase?.name !== name || bytesDone < phase.bytes) {
        phase = { name, ms: now, bytes: bytesDone };
      }
      return now > phase.ms ? (bytesDone - phase.bytes) / (now - phase.ms) : 0;
    },
  };
}

function describe(verb: string, event: TransferProgress, bytesPerMs: number): string {
  const { bytesDone, bytesTotal, retries = 0 } = event;
  const again = retries === 0 ? "" : `  ${retries} ${retries === 1 ? "retry" : "retries"}`;
  const rate = bytesPerMs > 0 ? `  ${formatBytes(bytesPerMs * 1000)}/s` : "";
  if (bytesTotal === 0) return `${verb} ${formatBytes(bytesDone)}${rate}${again}`;
  const percent = Math.floor(fraction(bytesDone, bytesTotal) * 100);
  const done = `${verb} ${percent}%  ${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`;
  if (bytesPerMs <= 0) return `${done}${again}`;
  const leftMs = Math.max(0, bytesTotal - bytesDone) / bytesPerMs;
  return `${done}${rate}  ${formatDuration(leftMs)} left${again}`;
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
