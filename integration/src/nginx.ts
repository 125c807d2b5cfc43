import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DOCS = fileURLToPath(new URL("../../docs/server.md", import.meta.url));

/** Whether this machine has nginx. */
export const HAS_NGINX = spawnSync("nginx", ["-v"]).status === 0;

/** Added to a test's name where it cannot run, so that the report says so. */
export const NGINX_SKIPPED = HAS_NGINX ? "" : " (SKIPPED: no nginx)";

/** nginx in front of a library. */
export interface Nginx {
  readonly url: string;
  /** Its log of requests and its log of errors. */
  logs(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts nginx as docs/server.md configures it, in front of the library at `libraryUrl` whose data
 * folder is `folder`.
 */
export async function startNginx(libraryUrl: string, folder: string): Promise<Nginx> {
  const own = await mkdtemp(join(tmpdir(), "sifshelf-nginx-"));
  // Its workers store large bodies here.
  await chmod(own, 0o777);
  const documented = await documentedConfig();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const site = documented
      .replace("listen 80;", `listen 127.0.0.1:${port};`)
      .replace("127.0.0.1:8080", new URL(libraryUrl).host)
      .replace("/srv/library", folder)
      .replace("/var/log/nginx/library.log", join(own, "access.log"));
    await writeFile(join(own, "nginx.conf"), wholeConfig(own, site));
    const child = await launch(own, port);
    if (child !== undefined) return running({ own, port, child });
    if (attempt === 5) {
      throw new Error(`nginx does not start:\n${await readFile(join(own, "error.log"), "utf8")}`);
    }
  }
}

async function documentedConfig(): Promise<string> {
  const [, config = ""] = /```nginx\n([\s\S]*?)```/.exec(await readFile(DOCS, "utf8")) ?? [];
  return config;
}

/**
 * The configuration around the site's own. The workers of root's nginx belong to the server's
 * group.
 */
function wholeConfig(own: string, site: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(own, name)};`,
  );
  return [
    process.getuid?.() === 0 ? "user nobody root;" : "",
    "daemon off;",
    "worker_processes 1;",
    `pid ${join(own, "nginx.pid")};`,
    `error_log ${join(own, "error.log")} notice;`,
    "events { worker_connections 256; }",
    `http {\n${temporary.join("\n")}\n${site}\n}`,
  ].join("\n");
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Returns nginx once it accepts connections; undefined if it exited because the port was taken. */
async function launch(own: string, port: number): Promise<ChildProcess | undefined> {
  const args = ["-e", join(own, "error.log"), "-c", join(own, "nginx.conf")];
  const child = spawn("nginx", args, { stdio: "ignore" });
  while (child.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isUp) return child;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

interface Running {
  readonly own: string;
  readonly port: number;
  readonly child: ChildProcess;
}

function running({ own, port, child }: Running): Nginx {
  return {
    url: `http://127.0.0.1:${port}`,
    async logs() {
      const names = ["access.log", "error.log"];
      return (await Promise.all(names.map((name) => readFile(join(own, name), "utf8")))).join("\n");
    },
    async close() {
      const exited = once(child, "exit");
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await exited;
      }
      await rm(own, { recursive: true, force: true });
    },
  };
}
