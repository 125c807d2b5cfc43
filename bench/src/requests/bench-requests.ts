import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { machineFacts } from "../machine-facts.js";
import { spreadOf } from "../spread.js";
import { fillCatalog } from "./fill-catalog.js";
import { type LoadResult, runLoad } from "./load.js";
import { RECORD_VARIABLE, recordRequests } from "./recording.js";
import { type RequestKind, isSearchable, requestKinds } from "./request-kinds.js";
import { type RequestOptions, readRequestOptions } from "./request-options.js";
import { type RequestCell, type StallRecord, writeRequestResults } from "./request-results.js";
import { type StartedProcess, startProcess } from "./started-process.js";

const SERVER = fileURLToPath(new URL("../../../packages/server/dist/main.js", import.meta.url));
const YARDSTICK = fileURLToPath(new URL("./yardstick.js", import.meta.url));
const RECORDER = new URL("./record-statements.js", import.meta.url).href;

/** Clients that search while others look images up. */
const SEARCHERS = 4;

/**
 * Compares requests per second with a yardstick in the same run: a bare `node:http` handler that
 * runs the same prepared SQL and sends the same bytes.
 */
export async function benchRequests(args: readonly string[]): Promise<void> {
  const options = readRequestOptions(args);
  const cells: RequestCell[] = [];
  const stalls: StallRecord[] = [];
  for (const size of options.sizes) {
    const folder = await mkdtemp(join(tmpdir(), "sifshelf-requests-"));
    try {
      await fill(folder, size);
      await measureSize({ size, folder, options, cells, stalls });
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  await writeRequestResults({ machine: machineFacts(), cells, stalls });
}

/** Fills a data folder, and waits until the server has made it searchable. */
async function fill(folder: string, images: number): Promise<void> {
  console.log(`filling a catalog of ${images} images …`);
  const path = join(folder, "catalog.sqlite");
  await (await startServer(folder)).stop();
  fillCatalog({ path, images });
  const server = await startServer(folder);
  while (!isSearchable(path)) await setTimeout(1000);
  await server.stop();
}

interface Measuring {
  readonly size: number;
  readonly folder: string;
  readonly options: RequestOptions;
  readonly cells: RequestCell[];
  readonly stalls: StallRecord[];
}

async function measureSize(measuring: Measuring): Promise<void> {
  const { size, folder, options, cells, stalls } = measuring;
  const kinds = requestKinds(join(folder, "catalog.sqlite"));
  const recorded = await record(folder, kinds);
  const server = await startServer(folder);
  const yardstick = await startProcess([YARDSTICK, join(folder, "catalog.sqlite"), recorded]);
  try {
    for (const kind of kinds) {
      for (const connections of options.connections) {
        const cell = await measureCell({ server, yardstick }, kind, { connections, options });
        cells.push({ size, kind: kind.name, connections, ...cell });
        console.log(JSON.stringify(cells.at(-1)));
      }
    }
    stalls.push({ size, ...(await measureStall(server, kinds, options)) });
    console.log(JSON.stringify(stalls.at(-1)));
  } finally {
    await yardstick.stop();
    await server.stop();
  }
}

function startServer(
  folder: string,
  preload: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<StartedProcess> {
  return startProcess([...preload, SERVER, "--data", folder, "--listen", "127.0.0.1:0"], env);
}

/**
 * Records the statements of each request; returns the path of the file that the yardstick reads.
 */
async function record(folder: string, kinds: readonly RequestKind[]): Promise<string> {
  const statementsPath = join(folder, "statements.jsonl");
  await writeFile(statementsPath, "");
  const server = await startServer(folder, ["--import", RECORDER], {
    [RECORD_VARIABLE]: statementsPath,
  });
  try {
    const paths = kinds.flatMap((kind) => kind.paths);
    const requests = await recordRequests(server.url, paths, statementsPath);
    const path = join(folder, "recorded.json");
    await writeFile(path, JSON.stringify(requests));
    return path;
  } finally {
    await server.stop();
  }
}

interface Sides {
  readonly server: StartedProcess;
  readonly yardstick: StartedProcess;
}

/** Runs both sides in turns, so that other load on the machine affects both. */
async function measureCell(
  { server, yardstick }: Sides,
  { paths }: RequestKind,
  { connections, options }: { connections: number; options: RequestOptions },
) {
  const { seconds, rounds } = options;
  const load = (url: string) => runLoad({ url, paths, connections, seconds });
  const ours: LoadResult[] = [];
  const theirs: LoadResult[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isOursFirst = round % 2 === 0;
    if (isOursFirst) ours.push(await load(server.url));
    theirs.push(await load(yardstick.url));
    if (!isOursFirst) ours.push(await load(server.url));
  }
  return {
    ours: summaryOf(ours),
    yardstick: summaryOf(theirs),
    ratio: spreadOf(
      ours.map((run, index) => run.requestsPerSecond / (theirs[index]?.requestsPerSecond ?? 0)),
    ),
  };
}

function summaryOf(runs: readonly LoadResult[]) {
  return {
    requestsPerSecond: spreadOf(runs.map((run) => run.requestsPerSecond)),
    p50Ms: spreadOf(runs.map((run) => run.p50Ms)),
    p99Ms: spreadOf(runs.map((run) => run.p99Ms)),
    failures: runs.reduce((sum, run) => sum + run.failures, 0),
  };
}

/** How much slower lookups get while others search. */
async function measureStall(
  { url }: StartedProcess,
  kinds: readonly RequestKind[],
  { seconds, rounds }: RequestOptions,
): Promise<Omit<StallRecord, "size">> {
  const lookups = kinds.find(({ name }) => name === "image")?.paths ?? [];
  const searches = kinds.filter(({ name }) => name.startsWith("search")).flatMap((k) => k.paths);
  const quiet: LoadResult[] = [];
  const busy: LoadResult[] = [];
  for (let round = 0; round < rounds; round += 1) {
    quiet.push(await runLoad({ url, paths: lookups, connections: 8, seconds }));
    const [lookup] = await Promise.all([
      runLoad({ url, paths: lookups, connections: 8, seconds }),
      runLoad({ url, paths: searches, connections: SEARCHERS, seconds }),
    ]);
    busy.push(lookup);
  }
  return {
    quiet: summaryOf(quiet),
    busy: summaryOf(busy),
    ratio: spreadOf(busy.map((run, index) => run.p99Ms / (quiet[index]?.p99Ms ?? 0))),
  };
}
