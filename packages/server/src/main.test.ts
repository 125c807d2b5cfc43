import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

// The built program, as users run it.
const PROGRAM = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const NOBODY = 65_534;
const canActAsNobody =
  process.getuid?.() === 0 && [PROGRAM, process.execPath, tmpdir()].every(isOpenToOthers);

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server in a process of its own, ready to serve. */
interface Serving {
  readonly child: Child;
  readonly url: string;
  readonly finished: Promise<Finished>;
}

// Every test starts processes, some of them several.
describe("sifshelf-server", { timeout: 60_000 }, () => {
  let folder: string;
  let data: string;
  let children: Child[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-main-"));
    data = join(folder, "data");
    children = [];
  });
  afterEach(async () => {
    for (const child of children.filter(isRunning)) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true });
  });

  function spawnServer(args: readonly string[], options: { uid?: number } = {}): Child {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { SIFSHELF_SERVER_DATA: data },
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    children.push(child);
    return child;
  }

  async function run(args: readonly string[], options: { uid?: number } = {}): Promise<Finished> {
    return finishOf(spawnServer(args, options));
  }

  async function serve(...args: string[]): Promise<Serving> {
    const child = spawnServer(["--listen", "127.0.0.1:0", ...args]);
    const finished = finishOf(child);
    const { url } = await Promise.race([nextLogLine(child, "listening"), neverListened(finished)]);
    return { child, finished, url: String(url) };
  }

  describe("when started for the first time", () => {
    it("prints the admin's token once, on stderr alone, and logs JSON without it", async () => {
      const first = await serve("--log-level", "trace");
      const { stdout, stderr, code } = await stop(first, "SIGTERM");
      const [, token = ""] = /^admin token: (sifs_[A-Za-z0-9_-]{195,251})$/m.exec(stderr) ?? [];
      const lines = stdout
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line));

      expect(code).toBe(0);
      expect(token).not.toBe("");
      expect(stdout).not.toContain(token.slice(0, 20));
      expect(lines).toContainEqual(expect.objectContaining({ msg: "listening", url: first.url }));
      const second = await stop(await serve(), "SIGTERM");
      expect(second).toMatchObject({ code: 0, stderr: "" });
    });

    it("logs no token that a request carries, wherever it carries it", async () => {
      const serving = await serve("--log-level", "trace");
      const secret = `sifs_${"x".repeat(208)}`;
      const { url } = serving;
      await fetch(`${url}/v1/entities/library`, { headers: { authorization: `Bearer ${secret}` } });
      await fetch(`${url}/v1/entities/${secret}?token=${secret}`, {
        headers: { cookie: secret, referer: secret },
      });
      await fetch(`${url}/v1/entities`, {
        method: "POST",
        body: `{"name": "${secret}", ${secret}`,
      });
      const { stdout, stderr } = await stop(serving, "SIGTERM");

      expect(stdout).toContain("/v1/entities");
      expect(stdout + stderr).not.toContain(secret.slice(0, 20));
    });
  });

  describe("when another server has the folder", () => {
    it("exits with 1; after kill -9 of the other it starts, with what was there", async () => {
      const first = await serve();
      const second = await run(["--listen", "127.0.0.1:0"]);

      expect(second).toMatchObject({ code: 1, stdout: "" });
      expect(second.stderr).toMatch(/^sifshelf-server: another server uses the data folder/);
      expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
      await stop(first, "SIGKILL");
      const third = await serve();
      expect((await fetch(`${third.url}/v1/entities/library`)).status).toBe(200);
      expect((await stop(third, "SIGINT")).stderr).toBe("");
    });
  });

  describe("when administered while it serves", () => {
    it("accepts a new token at once, and refuses a revoked one at once", async () => {
      const serving = await serve();
      await run(["user", "add", "alice"]);
      const created = await run(["token", "create", "alice", "--json"]);
      const { id, token } = JSON.parse(created.stdout) as { id: string; token: string };
      const statusOfToken = async () =>
        (
          await fetch(`${serving.url}/v1/token-status`, {
            headers: { authorization: `Bearer ${token}` },
          })
        ).status;

      expect(await statusOfToken()).toBe(200);
      await run(["token", "revoke", id]);
      expect(await statusOfToken()).not.toBe(200);
      expect(created.stderr + (await stop(serving, "SIGTERM")).stdout).not.toContain(token);
    });

    it("loses nothing when many commands and requests write at once", async () => {
      const serving = await serve();
      const names = ["user1", "user2", "user3", "user4"];
      const runs = await Promise.all(names.map((name) => run(["user", "add", name])));
      const { stdout } = await run(["user", "list", "--json"]);

      expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
        names.map(() => ({ code: 0, stderr: "" })),
      );
      expect((JSON.parse(stdout) as { name: string }[]).map((user) => user.name)).toEqual([
        "admin",
        ...names,
      ]);
      expect((await stop(serving, "SIGTERM")).code).toBe(0);
    });
  });

  describe("when many processes make the same catalog at once", () => {
    it("makes one that has what each of them wrote", async () => {
      const names = ["user1", "user2", "user3", "user4"];
      const runs = await Promise.all(names.map((name) => run(["user", "add", name])));

      expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
        names.map(() => ({ code: 0, stderr: "" })),
      );
      const { stdout } = await run(["user", "list", "--json"]);
      expect((JSON.parse(stdout) as { name: string }[]).map((user) => user.name)).toEqual(names);
    });
  });

  describe("when told to stop", () => {
    it("ends at once at the second signal, even with a request under way", async () => {
      const serving = await serve("--drain-timeout", "1h");
      const socket = connect(Number(new URL(serving.url).port), "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      // Headers without an end: the connection is neither idle nor done.
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
      const stopping = nextLogLine(serving.child, "stopping");
      serving.child.kill("SIGTERM");
      await stopping;
      serving.child.kill("SIGTERM");
      await once(serving.child, "exit");

      expect(serving.child.signalCode).toBe("SIGTERM");
      socket.destroy();
    });
  });

  describe("when the data folder cannot be used", () => {
    it.runIf(canActAsNobody)(
      "exits with 1 if it cannot be written (as another user: needs root, and files open to others)",
      async () => {
        chmodSync(folder, 0o755);
        mkdirSync(data, { mode: 0o555 });
        const { code, stdout, stderr } = await run(["--listen", "127.0.0.1:0"], { uid: NOBODY });

        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).not.toContain("    at ");
      },
    );

    it("exits with 1 if everyone can write it, and says what to do", async () => {
      mkdirSync(data);
      chmodSync(data, 0o777);
      const { code, stdout, stderr } = await run(["--listen", "127.0.0.1:0"]);

      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("chmod");
    });
  });

  describe("when the configuration is wrong", () => {
    it("exits with 2 and names every fault", async () => {
      const { code, stdout, stderr } = await run([
        "--listen",
        "x",
        "--url-ttl",
        "x",
        "--downloads",
        "x",
      ]);

      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      for (const flag of ["--listen", "--url-ttl", "--downloads"]) expect(stderr).toContain(flag);
    });
  });
});

/** Whether every folder that leads to `path` may be passed by everyone. */
function isOpenToOthers(path: string): boolean {
  const parent = dirname(path);
  return (statSync(parent).mode & 0o001) !== 0 && (parent === path || isOpenToOthers(parent));
}

function isRunning(child: Child): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function finishOf(child: Child): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

async function stop({ child, finished }: Serving, signal: NodeJS.Signals): Promise<Finished> {
  child.kill(signal);
  return finished;
}

async function neverListened(finished: Promise<Finished>): Promise<never> {
  const { code, stderr } = await finished;
  throw new Error(`the server ended with ${code}: ${stderr}`);
}

/** The next line of the log with that message. */
function nextLogLine(child: Child, message: string): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry["msg"] === message) resolve(entry);
    });
  });
}
