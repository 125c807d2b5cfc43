import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

/** The files of the page, by path. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly bytes: Uint8Array }>;

/** Bundles the page's script, SDK included, for browsers. */
export async function bundlePage(folder: string): Promise<PageFiles> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "page.ts")],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const script = outputFiles[0]?.contents ?? new Uint8Array();
  return new Map([
    ["/", { type: "text/html; charset=utf-8", bytes: await readFile(join(folder, "index.html")) }],
    ["/page.js", { type: "text/javascript; charset=utf-8", bytes: script }],
  ]);
}
