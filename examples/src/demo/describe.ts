const MIB = 1024 * 1024;

/** Formats a size: `132.0 KiB`, `72.0 MiB`. */
export function describeSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < MIB ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`;
}

/** Formats a duration and the resulting speed: `0.31 s, 234 MiB/s`. */
export function describeSpeed(bytes: number, ms: number): string {
  const seconds = Math.max(ms, 1) / 1000;
  const speed = bytes / MIB / seconds;
  return `${seconds.toFixed(2)} s, ${speed < 10 ? speed.toFixed(1) : speed.toFixed(0)} MiB/s`;
}

/** Returns the start of a hash, enough to distinguish images by eye. */
export function describeHash(hash: string): string {
  return `${hash.slice(0, "sha256.".length + 12)}…`;
}
