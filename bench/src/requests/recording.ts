import { readFileSync } from "node:fs";

/** One statement that a server ran, as `record-statements.ts` records it. */
export interface RecordedStatement {
  readonly sql: string;
  readonly parameters: readonly (string | number | null)[];
  readonly method: "get" | "all" | "iterate" | "run";
}

/** A request with every statement that the server ran for it. */
export interface RecordedRequest {
  readonly path: string;
  readonly statements: readonly RecordedStatement[];
  readonly contentType: string;
  readonly body: string;
}

/** The environment variable that names the file of recorded statements. */
export const RECORD_VARIABLE = "SIFSHELF_BENCH_RECORD";

/** Background work of the server, at any time. */
const BACKGROUND = /\b(?:jobs|leases)\b/;

/**
 * Sends each path once, one after the other, to a server that records its statements. Returns the
 * statements of each request.
 */
export async function recordRequests(
  url: string,
  paths: readonly string[],
  recordPath: string,
): Promise<RecordedRequest[]> {
  const recorded: RecordedRequest[] = [];
  let read = linesOf(recordPath).length;
  for (const path of paths) {
    const reply = await fetch(url + path);
    const body = await reply.text();
    if (reply.status !== 200) throw new Error(`${path} returned ${reply.status}: ${body}`);
    const lines = linesOf(recordPath);
    const statements = lines
      .slice(read)
      .map((line): RecordedStatement => JSON.parse(line))
      .filter(({ sql, method }) => method !== "run" && !BACKGROUND.test(sql));
    read = lines.length;
    const contentType = reply.headers.get("content-type") ?? "application/json";
    recorded.push({ path, statements, contentType, body });
  }
  return recorded;
}

/** The complete lines of a file that is being written. */
function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}
