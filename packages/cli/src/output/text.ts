import { printableText } from "@sifshelf/sif/printable-text";

/**
 * Makes text from servers and files safe to print as one line: it cannot move the cursor, change
 * colours or reorder output. Control characters, including line breaks, become `\u{…}` escapes;
 * tabs stay.
 */
export function printableLine(text: string): string {
  return printableText(text, "\t");
}

const BYTES_PER_STEP = 1024;
const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;

/** A size as text: `0 B`, `1023 B`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < BYTES_PER_STEP) return `${Math.max(0, Math.round(bytes))} B`;
  let value = bytes / BYTES_PER_STEP;
  let step = 0;
  // Compares the printed value, so that 1023.97 KiB is 1.0 MiB and not 1024.0 KiB.
  while (Number(value.toFixed(1)) >= BYTES_PER_STEP && step < UNITS.length - 1) {
    value /= BYTES_PER_STEP;
    step += 1;
  }
  return `${value.toFixed(1)} ${UNITS[step] ?? ""}`;
}

/** A duration as text: `9s`, `2m05s`, `1h02m`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
}

/** Lines of labels and aligned values; entries without a value are left out. */
export function alignedFields(
  fields: readonly (readonly [string, string | undefined])[],
): string[] {
  const present = fields.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...present.map(([label]) => label.length));
  return present.map(([label, value]) => `  ${label.padEnd(width)}  ${value ?? ""}`);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
