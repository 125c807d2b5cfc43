import type { Job } from "../jobs/job.js";

/** What a task that works in batches is told and tells: where to go on, and when to stop. */
export type TaskControl = Pick<Job, "progress" | "saveProgress" | "signal">;
