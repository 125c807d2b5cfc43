import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { endProcess } from "./bench-library.js";
import { benchEnvironment } from "./measured-run.js";

/** An nginx that serves a folder. */
export interface BenchNginx {
  /** Origin without a trailing slash. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Where nginx runs and what it serves. */
export interface NginxPlace {
  /** For its configuration; created, and removed in the end. */
  readonly folder: string;
  /** The served folder. */
  readonly files: string;
  readonly host: string;
  readonly prefix: readonly string[];
  readonly home: string;
}

const START_MS = 30_000;

/**
 * Starts nginx with sendfile and as many workers as there are cores, as its packages configure it.
 */
export async function startNginx(place: NginxPlace): Promise<BenchNginx> {
  const { folder, host, prefix, home } = place;
  const port = await freePort();
  await mkdir(folder);
  const configuration = join(folder, "nginx.conf");
  await writeFile(configuration, nginxConfiguration(place, port));
  const [command, ...args] = [...prefix, "nginx", "-c", configuration, "-e", "stderr"];
  const server = spawn(command, args, {
    env: benchEnvironment(home),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async (): Promise<void> => {
    await endProcess(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await fileAppears(join(folder, "nginx.pid"), () => server.exitCode !== null);
    return { url: `http://${host}:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * nginx cannot choose a free port itself, so it gets one that was free a moment ago. That also
 * works in a network namespace.
 */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

function nginxConfiguration({ folder, files, host }: NginxPlace, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
user root;
worker_processes auto;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  server {
    listen ${host}:${port};
    root ${files};
  }
}
`;
}

/** Resolves once nginx listens: it then has written its process id. */
async function fileAppears(path: string, hasEnded: () => boolean): Promise<void> {
  const end = Date.now() + START_MS;
  while (!hasEnded() && Date.now() < end) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text !== "") return;
    await pause(20);
  }
  throw new Error("nginx did not start");
}
