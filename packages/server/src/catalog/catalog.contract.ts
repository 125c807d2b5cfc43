import { describe } from "vitest";

import { describeAccounts } from "./accounts.contract.js";
import { describeContainers } from "./containers.contract.js";
import type { OpenedCatalog } from "./fixtures.contract.js";
import { describeImages } from "./images.contract.js";
import { describeInspections } from "./inspections.contract.js";
import { describeJobs } from "./work/jobs.contract.js";
import { describeLeases } from "./work/leases.contract.js";
import { describeSearch } from "./search/search.contract.js";
import { describeUploads } from "./uploads.contract.js";

/** Runs what every catalog must do, over catalogs that `openCatalog` makes empty and up to date. */
export function describeCatalog(name: string, openCatalog: () => Promise<OpenedCatalog>): void {
  describe(`${name} catalog`, () => {
    describeAccounts(openCatalog);
    describeContainers(openCatalog);
    describeImages(openCatalog);
    describeUploads(openCatalog);
    describeInspections(openCatalog);
    describeSearch(openCatalog);
    describeJobs(openCatalog);
    describeLeases(openCatalog);
  });
}
