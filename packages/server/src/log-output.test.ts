import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { logOutput } from "./log-output.js";

const LOGGER = fileURLToPath(new URL("../dist/logger.js", import.meta.url));

let folder: string;
let path: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sifshelf-log-output-"));
  path = join(folder, "log");
  fd = openSync(path, "w");
});

afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const written = () => readFileSync(path, "utf8");

/** A program that logs with the built logger. */
const program = (body: string) => [
  "--input-type=module",
  "--eval",
  `import { createLogger } from ${JSON.stringify(LOGGER)};
   const logger = createLogger({ level: "info" });
   ${body}`,
];

describe("logOutput", () => {
  it("writes lines together, soon", async () => {
    const output = logOutput(fd);
    for (let index = 0; index < 100; index += 1) output.write(`{"index":${index}}\n`);
    expect(written()).toBe("");
    await expect.poll(() => written().split("\n")).toHaveLength(101);
  });

  it("writes an error at once, after what waits", () => {
    const output = logOutput(fd);
    output.write('{"level":"info"}\n');
    output.write('{"level":"error"}\n');
    expect(written()).toBe('{"level":"info"}\n{"level":"error"}\n');
  });

  it("lets no more wait than 64 KiB", () => {
    const output = logOutput(fd);
    for (let index = 0; index < 66; index += 1) output.write(`${"x".repeat(1023)}\n`);
    expect(written().length).toBeGreaterThan(64 * 1024);
  });
});

describe("standard output", () => {
  it.each([
    ["ends", ""],
    ["exits", "process.exit(3);"],
    ["throws", `throw new Error("end");`],
  ])("has every line of a process that %s", async (_, end) => {
    const lines = `for (let index = 0; index < 500; index += 1) logger.info({ index });`;
    const { stdout } = await promisify(execFile)(process.execPath, program(lines + end)).catch(
      (error: { stdout: string }) => error,
    );
    const logged = stdout.trim().split("\n");
    expect(logged.map((line) => JSON.parse(line).index)).toEqual([...Array(500).keys()]);
  });

  it("takes all lines through a pipe that is read slowly", async () => {
    const lines = `process.stdout; for (let index = 0; index < 2000; index += 1) logger.info({ index, text: "x".repeat(1000) });`;
    const child = spawn(process.execPath, program(lines), { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    let text = "";
    for await (const chunk of child.stdout) text += String(chunk);
    expect(text.trim().split("\n")).toHaveLength(2000);
  });

  it("goes on when its reader has left", async () => {
    const body = `setInterval(() => logger.info("x".repeat(1000)), 1); setTimeout(() => process.exit(7), 400);`;
    const child = spawn(process.execPath, program(body), { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await exit).toEqual([7, null]);
  });
});
