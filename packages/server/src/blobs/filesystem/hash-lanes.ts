import { availableParallelism } from "node:os";

import { type HashWorker, startHashWorker } from "./hash-worker.js";

/** Threads at most; each is busy while it hashes. */
const MAX_LANES = 8;
/** How long a thread without work is kept: the next part of an upload often comes at once, and starting one takes as long as hashing a part. */
const LINGER_MS = 10_000;

/** A thread that hashes, for some files at a time. */
export interface HashLane {
  readonly worker: HashWorker;
  /** A number that no other hash of this lane has. */
  nextId(): number;
  /** To be called once; the thread ends some time after nobody needs it any more. */
  leave(): void;
}

/** Threads that hash. */
export interface HashLanes {
  /** A thread to hash in: the one with the fewest files, a new one if all are in use and there are not enough. */
  enter(): HashLane;
}

interface Lane {
  readonly worker: HashWorker;
  files: number;
  lastId: number;
  lingering: NodeJS.Timeout | undefined;
}

/** Threads that start when there is something to hash, at most as many as the machine has processors. */
export function createHashLanes(lingerMs = LINGER_MS): HashLanes {
  const max = Math.min(availableParallelism(), MAX_LANES);
  const lanes = new Set<Lane>();
  const quietest = (): Lane => {
    // One whose thread has ended, for want of memory say, is left to those who are in it.
    for (const lane of lanes) if (!lane.worker.isAlive()) lanes.delete(lane);
    const [least] = [...lanes].toSorted((a, b) => a.files - b.files);
    if (least !== undefined && (least.files === 0 || lanes.size >= max)) return least;
    const lane = { worker: startHashWorker(), files: 0, lastId: 0, lingering: undefined };
    lanes.add(lane);
    return lane;
  };
  const end = (lane: Lane) => {
    lanes.delete(lane);
    lane.worker.close();
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
        worker: lane.worker,
        nextId: () => ++lane.lastId,
        leave: () => leave(lane),
      };
    },
  };
}
