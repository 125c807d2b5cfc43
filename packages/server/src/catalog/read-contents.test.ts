import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ANONYMOUS } from "../access/principal.js";
import { getCollection } from "../library/collections.js";
import { getContainer } from "../library/containers.js";
import { getEntity } from "../library/entities.js";
import type { Catalog } from "./catalog.js";
import { NOW_MS, createFixtures } from "./fixtures.contract.js";
import { openCatalog } from "./open/open-catalog.js";
import { MAX_CONTENT_ROWS } from "./read-contents.js";
import type { ContainerRecord } from "./records.js";
import { sqlOf } from "./sql.js";

const IMAGES = MAX_CONTENT_ROWS + 1000;

let folder: string;
let catalog: Catalog;
/** Statements of this thread. Long reads run in another. */
const statements: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sifshelf-contents-"));
  const path = join(folder, "catalog.sqlite");
  catalog = await openCatalog({ kind: "sqlite", path, trace: (text) => statements.push(text) });
  const make = createFixtures(catalog);
  const alice = await make.user("alice");
  await addImages(await make.container(alice, "large/tools/app"), IMAGES);
  await addImages(await make.container(alice, "small/tools/app"), 3);
});
afterAll(async () => {
  await catalog.close();
  rmSync(folder, { recursive: true });
});

/** Images of 10 bytes each. */
async function addImages(container: ContainerRecord, count: number): Promise<void> {
  const prefix = container.id.slice(0, 14);
  await sql`
    insert into blobs (digest, size, created_at)
    values ('sha256:' || ${container.id.padStart(64, "0")}, 10, ${NOW_MS})`.execute(sqlOf(catalog));
  await sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
    insert into images (id, container_id, hash, description, size, uploaded, blob_digest, arch,
      signed, encrypted, fingerprints, sif_id, custom_data, created_by, created_at, updated_by,
      updated_at)
    select ${prefix} || printf('%010x', i), ${container.id}, 'sha256.' || printf('%064x', i), '', 10,
      1, 'sha256:' || ${container.id.padStart(64, "0")}, 'amd64', 0, 0, '[]', null, '', 'alice',
      ${NOW_MS}, null, null from n`.execute(sqlOf(catalog));
}

/** The statements about images that this thread ran, besides those that only look for size. */
async function imageStatements(work: () => Promise<unknown>): Promise<readonly string[]> {
  statements.length = 0;
  await work();
  return statements.filter((text) => text.includes("sum(") && !text.includes("case when"));
}

describe.each(["large", "small"])("the contents of a %s entity", (entity) => {
  const expected = { size: entity === "large" ? IMAGES * 10 : 30 };
  const names = { entity, collection: "tools", container: "app" };
  const sums = entity === "large" ? 0 : 1;

  it(`are summed in ${entity === "large" ? "the reader's" : "this"} thread`, async () => {
    const get = () => getEntity({ catalog }, ANONYMOUS, entity);
    expect(await get()).toMatchObject(expected);
    expect(await imageStatements(get)).toHaveLength(sums);
  });

  it("so are those of its collection", async () => {
    const get = () => getCollection({ catalog }, ANONYMOUS, names);
    expect(await get()).toMatchObject(expected);
    expect(await imageStatements(get)).toHaveLength(sums);
  });

  it("and of its container, with all images in order", async () => {
    const container = await getContainer({ catalog }, ANONYMOUS, names);
    expect(container).toMatchObject(expected);
    expect(container.images).toHaveLength(entity === "large" ? IMAGES : 3);
    expect(container.images).toEqual(container.images.toSorted());
  });
});
