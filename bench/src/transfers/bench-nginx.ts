import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
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
  /** For its configuration; is made, and removed in the end. */
  readonly folder: string;
  /** What is served. */
  readonly files: string;
  readonly host: string;
  readonly port: number;
  readonly prefix: readonly string[];
  readonly home: string;
}

const START_MS = 10_000;

/** Starts nginx with sendfile and as many workers as there are cores, as its packages configure it. */
export async function startNginx(place: NginxPlace): Promise<BenchNginx> {
  const { folder, host, port, prefix, home } = place;
  await mkdir(folder);
  const configuration = join(folder, "nginx.conf");
  await writeFile(configuration, nginxConfiguration(place));
  const [command, ...args] = [...prefix, "nginx", "-c", configuration, "-e", "stderr"];
  const server = spawn(command, args, { env: benchEnvironment(home), stdio: "ignore" });
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

function nginxConfiguration({ folder, files, host, port }: NginxPlace): string {
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

/** Once nginx has written its process id it listens. */
async function fileAppears(path: string, hasEnded: () => boolean): Promise<void> {
  const end = Date.now() + START_MS;
  while (!hasEnded() && Date.now() < end) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text !== "") return;
    await pause(20);
  }
  throw new Error("nginx did not start");
}
