import { buildSif } from "@sifshelf/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { builtInCases } from "./browser-sif/built-in-cases.js";
import { corpusCases, HAS_CORPUS } from "./browser-sif/corpus-cases.js";
import { type CaseResult, runCase, type SifCase } from "./browser-sif/run-case.js";
import { serveSifPage, type SifPage } from "./browser-sif/serve-page.js";
import { CHROMIUM, launchChromium, SKIPPED } from "./chromium.js";

const CORPUS_SKIPPED = HAS_CORPUS ? "" : " (SKIPPED: no sample images beside the repository)";

const cases = CHROMIUM === undefined ? [] : await builtInCases();
const samples = CHROMIUM === undefined ? [] : corpusCases();

describe.skipIf(CHROMIUM === undefined)(`@sifshelf/sif in Chromium${SKIPPED}`, () => {
  const file = buildSif({ payloadBytes: 5_000_000, arch: "riscv64" });
  let site: SifPage;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    site = await serveSifPage(file);
    browser = await launchChromium();
    page = await browser.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => faults.push(message.text()));
    await page.goto(site.url);
    await page.waitForFunction("typeof globalThis.runCase === 'function'");
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  /** Runs a case in the page. */
  async function runInPage({ name, image, verifications }: SifCase): Promise<CaseResult> {
    // Passed as text: the function runs in the page, not in the test.
    const asked = JSON.stringify({ name, image, verifications });
    return await page.evaluate<CaseResult>(`runCase(${asked})`);
  }

  it.each(cases)("reads and verifies $name as in Node", async (asked) => {
    const result = await runInPage(asked);
    expect(result).toMatchObject(asked.expected);
    expect(result).toEqual(await runCase(asked));
  });

  it.each(samples)("reads and verifies the sample $name as in Node", async (asked) => {
    const result = await runInPage(asked);
    if (asked.isRefused) expect(result.load).toMatch(/^sif-/);
    else expect(result).toMatchObject({ load: "ok", told: { facts: asked.facts } });
    expect(result.verdicts).toEqual(asked.verdicts);
    expect(result).toEqual(await runCase(asked));
  });

  it.skipIf(!HAS_CORPUS)(`knows the sample images${CORPUS_SKIPPED}`, () => {
    expect(samples.length).toBeGreaterThan(50);
  });

  it("reads facts over HTTP ranges, without the data", async () => {
    const facts = await page.evaluate("factsOverRanges('/image.sif')");
    expect(facts).toMatchObject({ arch: "riscv64", objects: 3 });
    expect(site.fileRequests.map(({ method }) => method)).toEqual(["HEAD", "GET", "GET"]);
    const bytes = site.fileRequests.reduce((sum, request) => sum + request.bytes, 0);
    expect(bytes).toBe(128 + 48 * 585);
  });

  it("does so under a strict content security policy, without violations", () => {
    expect(faults).toEqual([]);
  });
});
