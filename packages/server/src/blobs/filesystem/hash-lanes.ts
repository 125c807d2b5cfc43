import { availableParallelism } from "node:os";

import { type HashThread, startHashThread } from "./hash-thread.js";

/** Most threads; each occupies a processor while it hashes. */
const MAX_LANES = 8;
/**
 * How long an idle thread is kept. The next part of an upload often follows at once, and starting a
 * thread takes as long as hashing a part.
 */
const LINGER_MS = 10_000;

/** A place in a thread that hashes several files by turns. */
export interface HashLane {
  readonly thread: HashThread;
  /** Returns a number that no other hash of this thread has. */
  nextId(): number;
  /** Leaves the lane. Call once; an idle thread ends after a while. */
  leave(): void;
}

/** Threads that hash. */
export interface HashLanes {
  /** Enters the thread with the fewest files; a new one while all are busy and more are allowed. */
  enter(): HashLane;
}

interface Lane {
  readonly thread: HashThread;
  files: number;
  lastId: number;
  lingering: NodeJS.Timeout | undefined;
}

/** Creates lanes whose threads start on demand, at most one per processor. */
export function createHashLanes(lingerMs = LINGER_MS): HashLanes {
  const max = Math.min(availableParallelism(), MAX_LANES);
  const lanes = new Set<Lane>();
  const quietest = (): Lane => {
    // A thread that died, for lack of memory perhaps, takes no new files.
    for (const lane of lanes) if (!lane.thread.isAlive()) lanes.delete(lane);
    const [least] = [...lanes].toSorted((a, b) => a.files - b.files);
    if (least !== undefined && (least.files === 0 || lanes.size >= max)) return least;
    const lane = { thread: startHashThread(), files: 0, lastId: 0, lingering: undefined };
    lanes.add(lane);
    return lane;
  };
  const end = (lane: Lane) => {
    lanes.delete(lane);
    lane.thread.close();
  };
  const leave = (lane: Lane) => {
    lane.files -= 1;
    if (lane.files === 0) lane.lingering = setTimeout(() => end(lane), lingerMs).unref();
  };
  return {
    enter() {
      const lane = quietest();
      clearTimeout(lane.lingering);
      lane.files += 1;
      return {
        thread: lane.thread,
        nextId: () => ++lane.lastId,
        leave: () => leave(lane),
      };
    },
  };
}
