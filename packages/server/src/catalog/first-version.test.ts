import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ANYONE } from "../access/viewer.js";
import { listBlobStates } from "./blobs.js";
import { type Catalog, catalogOver } from "./catalog.js";
import { CONTENTS, digestNumber, NOW_MS } from "./fixtures.contract.js";
import { findImageById } from "./images.js";
import { insertInspectionIfAbsent } from "./inspections.js";
import { claimJob } from "./work/jobs.js";
import { migrateCatalog } from "./migrations/migrate.js";
import { MIGRATIONS } from "./migrations/all.js";
import { searchImages } from "./search/search.js";
import { openSqliteAdapter } from "./sqlite/open-adapter.js";
import { openCatalog } from "./open/open-catalog.js";
import { findTag } from "./tags.js";

const id = (n: number) => n.toString(16).padStart(24, "0");
const DIGEST = digestNumber(1);

/** Rows as the first release wrote them; this text never changes. */
const ROWS = `
  insert into users (id, name, is_admin, created_at) values ('${id(1)}', 'alice', 0, 1);
  insert into entities (id, name, description, owner_id, quota_bytes, default_private, custom_data, created_by, created_at)
    values ('${id(2)}', 'lab', '', '${id(1)}', 0, 0, '', 'alice', 1);
  insert into collections (id, entity_id, name, description, private, custom_data, created_by, created_at)
    values ('${id(3)}', '${id(2)}', 'tools', '', 0, '', 'alice', 1);
  insert into containers (id, collection_id, name, description, full_description, private, read_only, download_count, stars,
    custom_data, created_by, created_at)
    values ('${id(4)}', '${id(3)}', 'alpine', '', '', 0, 0, 7, 0, '', 'alice', 1);
  insert into blobs (digest, size, created_at) values ('${DIGEST}', 1000, 1);
  insert into images (id, container_id, hash, description, size, uploaded, blob_digest, arch, signed, encrypted, fingerprints, sif_id,
    custom_data, created_by, created_at, updated_by, updated_at)
    values ('${id(5)}', '${id(4)}', '${DIGEST.replace(":", ".")}', 'first', 1000, 1, '${DIGEST}', 'amd64', 1, 0,
      '["12045c8c0b1004d058de4beda20c27ee7ff7ba84"]', '0b9a2ef4-8d5e-4a7f-9d65-0c2f1b3a4d5e', '', 'alice', 1, 'alice', 2);
  insert into tags (container_id, arch, name, image_id, updated_by, updated_at)
    values ('${id(4)}', 'amd64', 'latest', '${id(5)}', 'alice', 2);
`;

describe("a catalog of the first version", () => {
  let folder: string;
  let path: string;
  let catalog: Catalog | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-first-version-"));
    path = join(folder, "catalog.sqlite");
  });
  afterEach(async () => {
    await catalog?.close();
    rmSync(folder, { recursive: true });
  });

  async function makeFirstVersion(): Promise<void> {
    const first = catalogOver(await openSqliteAdapter({ kind: "sqlite", path }));
    await migrateCatalog(first, MIGRATIONS.slice(0, 1));
    await first.close();
    const database = new Database(path);
    database.exec(ROWS);
    database.close();
  }

  describe("when this release opens it", () => {
    it("has all its records, and images that are to be inspected", async () => {
      await makeFirstVersion();
      catalog = await openCatalog({ kind: "sqlite", path });

      expect(await findImageById(catalog, id(5))).toMatchObject({
        container: { entityName: "lab", name: "alpine", downloadCount: 7 },
        description: "first",
        isUploaded: true,
        blobDigest: DIGEST,
        arch: "amd64",
        isSigned: true,
        fingerprints: ["12045c8c0b1004d058de4beda20c27ee7ff7ba84"],
      });
      expect(await findTag(catalog, id(4), "amd64", "latest")).toMatchObject({ imageId: id(5) });
      expect(await listBlobStates(catalog, { limit: 9 })).toEqual([
        { digest: DIGEST, createdAtMs: 1, isReferenced: true, isInspected: false },
      ]);
      const kinds = ["fill-inspections"];
      expect(await claimJob(catalog, { kinds, owner: "me", leaseMs: 1 })).toMatchObject({
        kind: "fill-inspections",
        progress: null,
      });
    });

    it("finds its images by what they had, and by labels once they are inspected", async () => {
      await makeFirstVersion();
      catalog = await openCatalog({ kind: "sqlite", path });
      const found = async (text: string) =>
        (await searchImages(catalog!, { viewer: ANYONE, limit: 9, text })).found.map(
          ({ record }) => record.id,
        );

      expect(await found("alpine")).toEqual([id(5)]);
      expect(await found("example.version")).toEqual([]);
      await insertInspectionIfAbsent(catalog, {
        digest: DIGEST,
        contents: CONTENTS,
        nowMs: NOW_MS,
      });
      expect(await found("example.version")).toEqual([id(5)]);
    });
  });

  describe("when a command opens it that runs beside a server", () => {
    it("is left as it is", async () => {
      await makeFirstVersion();
      const opening = openCatalog({ kind: "sqlite", path, migrate: "if-new" });

      await expect(opening).rejects.toMatchObject({ code: "catalog-too-old" });
    });
  });
});
