import { readFile, writeFile } from "node:fs/promises";

/** Forgets the peak of a process's resident set, so that a new one can be read. */
export async function resetPeakRss(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}

/** The peak of a process's resident set since its start or the last reset, in bytes. */
export async function peakRssBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status says no peak`);
  return Number(kibibytes) * 1024;
}
