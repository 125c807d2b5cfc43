import { existsSync } from "node:fs";

import { type Browser, chromium } from "playwright-core";

/** Path of a Chromium on this machine, undefined if there is none. */
export const CHROMIUM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

/** Added to a test's name if there is no Chromium. */
export const SKIPPED = CHROMIUM === undefined ? " (SKIPPED: no Chromium)" : "";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a headless Chromium. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? "", args: FLAGS });
}
