import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** Who works on a partial file: one process, told apart from all others of all machines and of all times. */
export interface ProcessOwner {
  readonly host: string;
  /** Changes with every start of the machine; empty where the system has none. */
  readonly bootId: string;
  /** Where the process id has its meaning; containers have their own. Empty where the system has none. */
  readonly pidSpace: string;
  readonly pid: number;
  /** When the process began, by the system's count; empty where it does not tell. */
  readonly startTime: string;
}

/** What can be said of an owner from here. `unknown`: it may live where this process cannot look. */
export type OwnerState = "alive" | "gone" | "unknown";

/** The owner that this process is. */
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
 * Whether an owner still lives. Another machine or container cannot be judged. Names of hosts are not unique: that this
 * machine was started again since is believed only of files on a disk of its own.
 *
 * @param isOnLocalDisk whether the owner's file is on a disk that one machine alone can use
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
    // Someone else's process lives, too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Field 22 of Linux's `/proc/<pid>/stat`; the name before it may hold spaces and brackets. Empty, too, for a process that
 * has ended and whose parent has not asked for its exit code yet.
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
