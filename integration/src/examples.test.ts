import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { buildSif } from "@sifshelf/testing";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestLibrary, startTestLibrary } from "./test-library.js";

const EXAMPLES = fileURLToPath(new URL("../../examples/dist/", import.meta.url));
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-examples-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

function startExample(
  name: string,
  args: readonly string[],
  env: Environment = {},
): ChildProcessWithoutNullStreams {
  const path = join(EXAMPLES, `${name}.js`);
  const { PATH = "" } = process.env;
  return spawn(process.execPath, [path, ...args], { env: { PATH, TMPDIR: folder, ...env } });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const code = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const runExample = (name: string, args: readonly string[], env: Environment = {}) =>
  ended(startExample(name, args, env));

/** Waits for as many lines as `patterns`; returns what each captures. */
async function readLines(
  child: ChildProcessWithoutNullStreams,
  patterns: readonly RegExp[],
): Promise<string[]> {
  const found: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const captured = patterns[found.length]?.exec(line)?.[1];
    if (captured !== undefined) found.push(captured);
    if (found.length === patterns.length) return found;
  }
  throw new Error(
    `the example ended with ${child.exitCode} before it printed ${patterns[found.length]}`,
  );
}

async function writeImage(name: string, options: Parameters<typeof buildSif>[0]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, buildSif(options));
  return path;
}

describe("examples/push, pull and search", () => {
  let site: TestLibrary;
  let env: Environment;
  beforeAll(async () => {
    site = await startTestLibrary();
    env = { SIFSHELF_LIBRARY: site.url, SIFSHELF_TOKEN: site.adminToken };
  });
  afterAll(() => site.close());

  it("pushes a file, finds it and pulls the same bytes", async () => {
    const image = await writeImage("arm64.sif", { arch: "arm64", seed: 41 });
    const copy = join(folder, "copy.sif");

    const pushed = await runExample("push", [image, "alice/images/tool:1.0,stable"], env);
    expect(pushed).toMatchObject({ code: 0, stderr: "" });
    expect(pushed.stdout).toContain("was sent\ntags: 1.0, stable\n");

    const found = await runExample("search", ["tool", "arm64"], env);
    expect(found).toMatchObject({ code: 0, stderr: "" });
    expect(found.stdout).toBe("library://alice/images/tool:1.0 arm64\n");

    const pulled = await runExample("pull", ["alice/images/tool:stable", copy, "arm64"], env);
    expect(pulled).toMatchObject({ code: 0, stderr: "" });
    expect((await readFile(copy)).equals(await readFile(image))).toBe(true);
  });

  it("reports a missing image, and writes nothing", async () => {
    const path = join(folder, "missing.sif");
    const pulled = await runExample("pull", ["alice/images/nothing", path], env);
    expect(pulled).toMatchObject({ code: 1, stdout: "" });
    expect(pulled.stderr).toBe("pull: alice/images/nothing does not exist for amd64\n");
    expect(existsSync(path)).toBe(false);
  });

  it("reports a missing library setting", async () => {
    expect(await runExample("search", ["tool"])).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("examples/serve", () => {
  it("serves until it is interrupted, and keeps its images for the next start", async () => {
    const data = join(folder, "served");
    const first = startExample("serve", [data]);
    const [url = "", token = ""] = await readLines(first, [
      /^SIFSHELF_LIBRARY=(.+)$/,
      /^SIFSHELF_TOKEN=(.+)$/,
    ]);
    const image = await writeImage("served.sif", { seed: 42 });
    const env = { SIFSHELF_LIBRARY: url, SIFSHELF_TOKEN: token };
    expect(await runExample("push", [image, "alice/images/kept"], env)).toMatchObject({ code: 0 });
    first.kill("SIGINT");
    expect(await ended(first)).toMatchObject({ code: 0, stderr: "" });

    const second = startExample("serve", [data]);
    const [again = ""] = await readLines(second, [/^SIFSHELF_LIBRARY=(.+)$/]);
    const found = await runExample("search", ["kept"], { SIFSHELF_LIBRARY: again });
    expect(found.stdout).toBe("library://alice/images/kept:latest amd64\n");
    second.kill("SIGTERM");
    expect(await ended(second)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });
});

describe("examples/browser", () => {
  let child: ChildProcessWithoutNullStreams;
  let url: string;
  let token: string;
  beforeAll(async () => {
    child = startExample("browser", [join(folder, "browser")]);
    [url = "", token = ""] = await readLines(child, [/^page: (.+)$/, /^token: (.+)$/]);
  });
  afterAll(async () => {
    child.kill("SIGTERM");
    expect(await ended(child)).toMatchObject({ code: 0, stderr: "" });
  });

  it("serves the page with its script, which imports no Node module", async () => {
    const page = await (await fetch(url)).text();
    const script = await (await fetch(new URL("page.js", url))).text();
    expect(page).toContain('src="page.js"');
    expect(script).not.toMatch(/(?:\bfrom|\bimport\(|\brequire\()\s*["']node:/);
    expect(script).toContain("document.querySelector");
  });

  it("forwards pushes and pulls to the library, under the page's own origin", async () => {
    const image = await writeImage("page.sif", { seed: 43 });
    const copy = join(folder, "page-copy.sif");
    const env = { SIFSHELF_LIBRARY: url, SIFSHELF_TOKEN: token };
    expect(await runExample("push", [image, "alice/images/page"], env)).toMatchObject({ code: 0 });
    expect(await runExample("pull", ["alice/images/page", copy], env)).toMatchObject({ code: 0 });
    expect((await readFile(copy)).equals(await readFile(image))).toBe(true);
  });

  it.skipIf(CHROMIUM === undefined)(
    `pushes, searches and pulls in Chromium${CHROMIUM === undefined ? " (skipped: there is no Chromium on this machine)" : ""}`,
    async () => {
      const image = await writeImage("chosen.sif", { seed: 44, payloadBytes: 300_000 });
      const browser = await chromium.launch({
        executablePath: CHROMIUM ?? "",
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
        ],
      });
      try {
        const page = await browser.newPage();
        await page.goto(url);
        const status = page.locator("#status");
        await page.fill("#token", token);
        await page.setInputFiles("#file", image);
        await page.fill("#ref", "alice/images/chosen");
        await page.click("#push button");
        await status.filter({ hasText: "pushed sha256." }).waitFor();
        await page.fill("#text", "chosen");
        await page.click("#search button");
        await status.filter({ hasText: "found 1" }).waitFor();
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.click("#results button"),
        ]);
        const saved = join(folder, "downloaded.sif");
        await download.saveAs(saved);
        expect((await readFile(saved)).equals(await readFile(image))).toBe(true);
      } finally {
        await browser.close();
      }
    },
  );
});

describe("examples/demo", () => {
  it("accepts a file, confirms every claim and leaves nothing behind", async () => {
    const image = await writeImage("mine.sif", { arch: "arm64", seed: 45 });
    const tmp = join(folder, "demo-tmp");
    await mkdir(tmp);
    const demo = await runExample("demo", [image], { TMPDIR: tmp });
    expect(demo).toMatchObject({ code: 0, stderr: "" });
    expect(demo.stdout).toContain("Read your SIF image mine.sif (arm64, ");
    expect(demo.stdout).toMatch(/^Pushed .* in one request /m);
    expect(demo.stdout).toMatch(/^Pushed .* in 5 parts /m);
    expect(demo.stdout).toContain("Everything was as claimed, in ");
    expect(await readdir(tmp)).toEqual([]);
  });

  it("exits with 1 and one readable line when the file is not a SIF image", async () => {
    const path = join(folder, "not.sif");
    await writeFile(path, "not an image");
    const demo = await runExample("demo", [path]);
    expect(demo).toMatchObject({ code: 1, stdout: "" });
    expect(demo.stderr).toMatch(/^demo: \S+not\.sif is not a SIF image: [^\n]+\n$/);
  });
});
