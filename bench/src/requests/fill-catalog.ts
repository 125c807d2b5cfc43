import { createHash } from "node:crypto";

import Database from "better-sqlite3";

import { imageTexts, nameOf } from "./image-texts.js";
import { type Random, createRandom } from "./random.js";

/** A catalog to fill. */
export interface FillOptions {
  /** The file, created by one start of a server on an empty data folder. */
  readonly path: string;
  /** Images; a tenth as many containers, 30 % of them private. */
  readonly images: number;
  /** The same seed gives the same catalog. Default 1. */
  readonly seed?: number | undefined;
}

/** Facts about a filled catalog that a benchmark needs. */
export interface FilledCatalog {
  /** Name and token of a user who owns one entity, which has private collections. */
  readonly owner: { readonly name: string; readonly token: string };
  /** `entity/collection/container` of public containers that have images. */
  readonly publicContainers: readonly string[];
}

const CONTAINERS_PER_COLLECTION = 20;
const COLLECTIONS_PER_ENTITY = 5;
const IMAGES_PER_CONTAINER = 10;
const FIRST_MS = Date.UTC(2026, 0, 1);
const NAMES_KEPT = 1000;
const ARCHES = ["amd64", "amd64", "amd64", "amd64", "amd64", "amd64", "amd64", "arm64"];

/**
 * Fills a catalog with entities, collections, containers, images, tags and labels, directly in the
 * tables: a million images in some minutes. At its next start the server creates their search
 * documents in the background; the table `search_fill` is empty once it is done.
 */
export function fillCatalog({ path, images, seed = 1 }: FillOptions): FilledCatalog {
  const database = new Database(path);
  database.pragma("synchronous = OFF");
  database.pragma("cache_size = -262144");
  const filler = createFiller(database, createRandom(seed), images);
  const containers = Math.ceil(images / IMAGES_PER_CONTAINER);
  database.transaction(() => {
    for (let at = 0; at < containers; at++) filler.addContainer(at);
    database.exec("delete from search_fill; insert into search_fill (before_id) values ('g')");
  })();
  const owner = addOwner(database);
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
  return { owner, publicContainers: filler.publicContainers };
}

function createFiller(database: Database.Database, random: Random, images: number) {
  const insert = prepareInserts(database);
  const userId = idOf(random, FIRST_MS);
  insert.user.run({ id: userId, name: "bench-staff" });
  const publicContainers: string[] = [];
  let entity = { id: "", name: "" };
  let collection = { id: "", name: "", private: 0 };
  const timeOf = (image: number) => FIRST_MS + Math.floor((image / images) * 1e10);

  function addContainer(at: number): void {
    const nowMs = timeOf(at * IMAGES_PER_CONTAINER);
    if (at % (CONTAINERS_PER_COLLECTION * COLLECTIONS_PER_ENTITY) === 0) {
      entity = { id: idOf(random, nowMs), name: nameOf(random, at) };
      insert.entity.run({ ...entity, owner_id: userId, created_at: nowMs });
    }
    if (at % CONTAINERS_PER_COLLECTION === 0) {
      const isPrivate = (at / CONTAINERS_PER_COLLECTION) % 10 < 3 ? 1 : 0;
      collection = { id: idOf(random, nowMs), name: nameOf(random, at), private: isPrivate };
      insert.collection.run({ ...collection, entity_id: entity.id, created_at: nowMs });
    }
    const container = { id: idOf(random, nowMs), name: nameOf(random, at) };
    insert.container.run({ ...container, collection_id: collection.id, created_at: nowMs });
    if (collection.private === 0 && publicContainers.length < NAMES_KEPT) {
      publicContainers.push(`${entity.name}/${collection.name}/${container.name}`);
    }
    const first = at * IMAGES_PER_CONTAINER;
    const end = Math.min(first + IMAGES_PER_CONTAINER, images);
    for (let image = first; image < end; image++) addImage(image, container.id);
  }

  function addImage(at: number, containerId: string): void {
    const created_at = timeOf(at);
    const hex = random.hex(64);
    const { description, labels } = imageTexts(random, at, images);
    const digest = `sha256:${hex}`;
    insert.blob.run({ digest, created_at });
    if (labels !== undefined) {
      const lines = Object.entries(labels).map(([key, value]) => `${key}=${value}`.toLowerCase());
      insert.inspection.run({
        digest,
        created_at,
        label_text: lines.join("\n"),
        labels: JSON.stringify(labels),
      });
    }
    const arch = random.pick(ARCHES);
    const signed = random.chance(0.24) ? 1 : 0;
    const id = idOf(random, created_at);
    const image = { id, container_id: containerId, hash: `sha256.${hex}`, description };
    insert.image.run({ ...image, digest, arch, signed, created_at });
    const name = at % IMAGES_PER_CONTAINER === 0 ? "latest" : `v${at % IMAGES_PER_CONTAINER}`;
    for (const each of ["", arch]) {
      insert.tag.run({ container_id: containerId, arch: each, name, image_id: id, created_at });
    }
  }

  return { addContainer, publicContainers };
}

function prepareInserts(database: Database.Database) {
  const audit = "'', 'bench-staff', @created_at, null, null";
  const columns = "custom_data, created_by, created_at, updated_by, updated_at";
  return {
    user: database.prepare("insert into users values (@id, @name, 0, 1)"),
    entity: database.prepare(
      `insert into entities (id, name, description, owner_id, quota_bytes, default_private, ${columns})
       values (@id, @name, '', @owner_id, 0, 0, ${audit})`,
    ),
    collection: database.prepare(
      `insert into collections (id, entity_id, name, description, private, ${columns})
       values (@id, @entity_id, @name, '', @private, ${audit})`,
    ),
    container: database.prepare(
      `insert into containers (id, collection_id, name, description, full_description, private,
         read_only, download_count, stars, ${columns})
       values (@id, @collection_id, @name, '', '', 0, 0, 0, 0, ${audit})`,
    ),
    blob: database.prepare(
      "insert into blobs (digest, size, created_at) values (@digest, 1000, @created_at)",
    ),
    inspection: database.prepare(
      `insert into inspections (digest, inspected_at, label_text, labels, contents)
       values (@digest, @created_at, @label_text, @labels,
         '{"objects":[],"objectCount":0,"problems":[]}')`,
    ),
    image: database.prepare(
      `insert into images (id, container_id, hash, description, size, uploaded, blob_digest, arch,
         signed, encrypted, fingerprints, sif_id, ${columns})
       values (@id, @container_id, @hash, @description, 1000, 1, @digest, @arch, @signed, 0, '[]',
         null, ${audit})`,
    ),
    tag: database.prepare(
      "insert into tags values (@container_id, @arch, @name, @image_id, 'bench-staff', @created_at)",
    ),
  };
}

/** Gives the newest entity to a new user with a token for reading. */
function addOwner(database: Database.Database): FilledCatalog["owner"] {
  const random = createRandom(0x0b5e);
  const id = idOf(random, FIRST_MS);
  const name = "bench-owner";
  const token = `sifs_${random.hex(208)}`;
  const hash = createHash("sha256").update(token).digest("hex");
  database.prepare("insert into users values (?, ?, 0, 1)").run(id, name);
  database
    .prepare(
      `insert into tokens (id, user_id, hash, label, scope, created_at) values (?, ?, ?, '', 'read', 1)`,
    )
    .run(idOf(random, FIRST_MS), id, hash);
  database
    .prepare("update entities set owner_id = ? where id = (select max(id) from entities)")
    .run(id);
  return { name, token };
}

/** An id in the server's format: the time, then random digits. */
function idOf(random: Random, timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const milliseconds = Math.floor(timeMs) % 1000;
  return (
    seconds.toString(16).padStart(8, "0") +
    milliseconds.toString(16).padStart(3, "0") +
    random.hex(13)
  );
}
