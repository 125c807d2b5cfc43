import { sql } from "kysely";

import { createId } from "../../ids/ids.js";
import type { Db } from "../sql.js";
import type { Migration } from "./migration.js";

/**
 * Work that any process may do, and exclusion between processes. Blobs of earlier releases that
 * wait for their inspection become one job.
 */
export const jobsAndLeases: Migration = {
  name: "jobs and leases",
  async up(transaction) {
    await createJobs(transaction);
    await createLeases(transaction);
    await sql`insert into jobs (id, kind, key, state, run_at, attempts, fence, again)
      values (${createId()}, 'fill-inspections', '', 'ready', 0, 0, 0, 0)`.execute(transaction);
  },
};

async function createJobs(db: Db): Promise<void> {
  await db.schema
    .createTable("jobs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('ready', 'running', 'done', 'failed')`),
    )
    .addColumn("run_at", "bigint", (column) => column.notNull())
    .addColumn("attempts", "bigint", (column) => column.notNull())
    .addColumn("fence", "bigint", (column) => column.notNull())
    .addColumn("owner", "text")
    .addColumn("again", "smallint", (column) => column.notNull())
    .addColumn("progress", "text")
    .addColumn("result", "text")
    .addColumn("error", "text")
    .addUniqueConstraint("jobs_by_key", ["kind", "key"])
    .execute();
  await db.schema
    .createIndex("jobs_to_run")
    .on("jobs")
    .columns(["run_at", "id"])
    .where(sql<boolean>`state in ('ready', 'running')`)
    .execute();
  await db.schema
    .createIndex("jobs_done")
    .on("jobs")
    .column("run_at")
    .where(sql<boolean>`state = 'done'`)
    .execute();
}

async function createLeases(db: Db): Promise<void> {
  await db.schema
    .createTable("leases")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("fence", "bigint", (column) => column.notNull())
    .addColumn("ends_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("leases_by_fence").on("leases").column("fence").execute();
}
