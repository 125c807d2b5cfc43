import type { TaskControl } from "./task-control.js";

/** A task that begins at its beginning and is never told to stop. */
export const WHOLE_TASK: TaskControl = {
  progress: null,
  saveProgress: async () => {},
  signal: new AbortController().signal,
};
