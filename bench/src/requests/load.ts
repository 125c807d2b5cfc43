import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Measurements of one run of load. */
export interface LoadResult {
  /** Successful ones; a server that is busy rejects some with 429 or 503. */
  readonly requestsPerSecond: number;
  /** Latency in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Replies other than 2xx and 3xx, and connections that failed. Latencies count them too. */
  readonly failures: number;
}

/** The load to put on a server. */
export interface Load {
  /** Origin without a trailing slash. */
  readonly url: string;
  /** Paths to request, in turn. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly token?: string | undefined;
}

/**
 * Puts load on a server with wrk, which uses less of the machine than the measured servers.
 *
 * @throws Error if wrk is not installed.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-load-"));
  try {
    const script = join(folder, "load.lua");
    await writeFile(script, scriptOf(load));
    const { connections, seconds, url } = load;
    const args = ["-t", "1", "-c", `${connections}`, "-d", `${seconds}s`, "-s", script, url];
    const { stdout } = await promisify(execFile)("wrk", args);
    return readResult(stdout);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Error("this benchmark needs wrk; install Debian's package of that name", {
        cause: error,
      });
    }
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function scriptOf({ paths, token }: Load): string {
  const list = paths.map((path) => JSON.stringify(path)).join(",\n");
  const authorization =
    token === undefined ? "" : `wrk.headers["Authorization"] = "Bearer ${token}"`;
  return `
    local paths = {${list}}
    local at = 0
    ${authorization}
    request = function()
      at = at % #paths + 1
      return wrk.format("GET", paths[at])
    end
    done = function(summary, latency)
      local errors = summary.errors
      io.write(string.format("RESULT %f %f %f %d\\n",
        (summary.requests - errors.status) / summary.duration * 1000000,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
    end`;
}

function readResult(output: string): LoadResult {
  const [, rate, p50, p99, failures] = /^RESULT (\S+) (\S+) (\S+) (\S+)$/m.exec(output) ?? [];
  if (failures === undefined) throw new Error(`wrk printed no result:\n${output}`);
  return {
    requestsPerSecond: Number(rate),
    p50Ms: Number(p50),
    p99Ms: Number(p99),
    failures: Number(failures),
  };
}
