import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/**
 * The process that works on a partial file, distinct from all others on all machines at all times.
 */
export interface ProcessOwner {
  readonly host: string;
  /** Changes with every boot of the machine; empty where the system has none. */
  readonly bootId: string;
  /** Where the process id is valid; containers have their own. Empty where the system has none. */
  readonly pidSpace: string;
  readonly pid: number;
  /** When the process started, in the system's units; empty where unknown. */
  readonly startTime: string;
}

/**
 * What this process can tell of an owner. `unknown`: it may live where this process cannot look.
 */
export type OwnerState = "alive" | "gone" | "unknown";

/** Returns this process as an owner. */
export async function thisProcess(): Promise<ProcessOwner> {
  return {
    host: hostname(),
    bootId: await readText("/proc/sys/kernel/random/boot_id"),
    pidSpace: await readlink("/proc/self/ns/pid").catch(() => ""),
    pid: process.pid,
    startTime: await startTimeOf(process.pid),
  };
}

/**
 * Whether an owner is still alive. Processes of other machines and containers cannot be judged.
 * Host names are not unique, so a different boot of this machine counts only for files on a disk of
 * its own.
 *
 * @param isOnLocalDisk whether the owner's file is on a disk that only one machine can use
 */
export async function stateOf(owner: ProcessOwner, isOnLocalDisk: boolean): Promise<OwnerState> {
  const self = await thisProcess();
  if (owner.host !== self.host) return "unknown";
  if (owner.bootId !== self.bootId) {
    return isOnLocalDisk && owner.bootId !== "" && self.bootId !== "" ? "gone" : "unknown";
  }
  if (owner.pidSpace !== self.pidSpace) return "unknown";
  if (!isRunning(owner.pid)) return "gone";
  if (owner.startTime === "" || self.startTime === "") return "alive";
  return (await startTimeOf(owner.pid)) === owner.startTime ? "alive" : "gone";
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is alive, too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Field 22 of Linux's `/proc/<pid>/stat`; the name before it may contain spaces and parentheses.
 * Also empty for a process that has ended and has not been reaped by its parent.
 */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const hasEnded = fields[0] === "Z" || fields[0] === "X";
  return hasEnded ? "" : (fields[19] ?? "");
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, "utf8").catch(() => "")).trim();
}
