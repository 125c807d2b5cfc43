import { firstTables } from "./0001-first-tables.js";
import { inspections } from "./0002-inspections.js";
import { partEtags } from "./0003-part-etags.js";
import { jobsAndLeases } from "./0004-jobs-and-leases.js";
import { searchDocuments } from "./0005-search-documents.js";
import { signingKeyGenerations } from "./0006-signing-key-generations.js";
import type { Migration } from "./migration.js";

/** Every migration in order; the catalog's version is how many of them it has seen. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  inspections,
  partEtags,
  jobsAndLeases,
  searchDocuments,
  signingKeyGenerations,
];
