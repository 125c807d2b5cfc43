import Database from "better-sqlite3";

/** A kind of request, with different paths for it. */
export interface RequestKind {
  readonly name: string;
  readonly paths: readonly string[];
}

/** Number of different objects that each kind of lookup requests. */
const SAMPLES = 200;

/** Search texts for the filled catalog that find a few images, half of them, and none. */
const SEARCH_TEXTS = { few: "zq7xjwk", many: "halfmark", none: "xylophonist" } as const;

interface Sample {
  readonly entity: string;
  readonly collection: string;
  readonly container: string;
  readonly id: string;
  readonly arch: string;
  readonly tag: string;
}

/**
 * Returns the kinds of requests to measure on a filled catalog, with public objects of all ages.
 */
export function requestKinds(catalogPath: string): RequestKind[] {
  const samples = samplesOf(catalogPath);
  return [
    {
      name: "image",
      paths: samples.map((s) => `/v1/images/${ref(s)}:${s.tag}?arch=${s.arch}`),
    },
    { name: "container", paths: samples.map((s) => `/v1/containers/${ref(s)}`) },
    { name: "tag list", paths: samples.map((s) => `/v2/tags/${s.id}`) },
    ...Object.entries(SEARCH_TEXTS).map(([hits, text]) => ({
      name: `search, ${hits} hits`,
      paths: [`/v1/search?value=${text}`],
    })),
  ];
}

function ref({ entity, collection, container }: Sample): string {
  return `${entity}/${collection}/${container}`;
}

/** Whether the server has created the search documents of all objects of a filled catalog. */
export function isSearchable(catalogPath: string): boolean {
  const database = new Database(catalogPath, { readonly: true });
  try {
    return database.prepare("select 1 from search_fill").get() === undefined;
  } finally {
    database.close();
  }
}

function samplesOf(catalogPath: string): Sample[] {
  const database = new Database(catalogPath, { readonly: true });
  try {
    const rows = database
      .prepare<[], Sample>(
        `select entities.name as entity, collections.name as collection,
           containers.name as container, containers.id as id, tags.arch as arch, tags.name as tag
         from containers
         join collections on collections.id = containers.collection_id
         join entities on entities.id = collections.entity_id
         join tags on tags.container_id = containers.id
         where containers.private = 0 and collections.private = 0 and tags.arch <> ''
         group by containers.id`,
      )
      .all();
    const step = Math.max(1, Math.floor(rows.length / SAMPLES));
    return rows.filter((_, index) => index % step === 0).slice(0, SAMPLES);
  } finally {
    database.close();
  }
}
