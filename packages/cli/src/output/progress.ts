import type { TransferProgress } from "@sifshelf/client";

import type { OutputStream } from "../context/context.js";
import { formatBytes, formatDuration } from "./text.js";

/** How progress is shown; `auto` is a bar on a terminal and plain lines elsewhere. */
export type ProgressStyle = "auto" | "plain" | "json" | "none";

/** What `--progress json` prints on standard error, one line per event. */
export interface ProgressJson {
  readonly event: "progress";
  readonly phase: "hash" | "transfer" | "verify";
  /** Within the phase, including bytes of an earlier transfer. */
  readonly bytesDone: number;
  /** Null while unknown. */
  readonly bytesTotal: number | null;
  /** Since the phase began. */
  readonly bytesPerSecond: number;
  /** Requests repeated after a failure, so far. */
  readonly retries: number;
  /** Only on the last event. */
  readonly ended?: "complete" | "failed";
}

/** Shows the progress of a transfer. */
export interface ProgressDisplay {
  readonly update: (event: TransferProgress) => void;
  /** Clears the progress bar; call it before anything else is printed. */
  readonly end: () => void;
}

/** Where and how to show progress. */
export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly style: ProgressStyle;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
}

/** Time between updates of the bar, in milliseconds: smooth, and cheap for a slow terminal. */
const DRAW_INTERVAL_MS = 100;

/** Time between lines without a terminal, in milliseconds: keeps logs readable. */
const LINE_INTERVAL_MS = 10_000;

const MAX_BAR_CELLS = 24;
const MIN_BAR_CELLS = 8;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = "\r\u001b[K";

const PHASE_NAMES = { hash: "hashing", transfer: "sending", verify: "verifying" } as const;

/** Time between events, in milliseconds: shows movement and keeps logs small. */
const EVENT_INTERVAL_MS = 500;

/**
 * Creates a progress display: on a terminal a bar; elsewhere, with `TERM=dumb` or in the style
 * `plain`, a plain line every ten seconds, so that a short transfer prints none. The style `json`
 * prints a line of JSON twice a second and at the end of each phase; the style `none` prints
 * nothing.
 *
 * @param verb label of the transfer, `sending` or `receiving`
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
  /** Bytes per millisecond since the event's phase began; earlier bytes do not count. */
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
  // Leaves one column free: a full last column makes some terminals wrap.
  const columns = columnsOf(stream) - 1;
  const cells = Math.min(MAX_BAR_CELLS, columns - text.length - "[] ".length);
  const filled = Math.floor(fraction(event.bytesDone, event.bytesTotal) * Math.max(0, cells));
  const bar = cells < MIN_BAR_CELLS ? "" : `[${"=".repeat(filled).padEnd(cells)}] `;
  stream.write(`${CLEAR_LINE}${`${bar}${text}`.slice(0, columns)}`);
}

/** Some terminals report a width of 0. */
function columnsOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : DEFAULT_COLUMNS;
}

function fraction(done: number, total: number): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
}
