import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { AskedRange } from "../counting-proxy.js";

/** The names of the journals in a folder. */
export async function journalsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".journal"));
}

/** Returns the ranges that the journals in a folder list as present, as killed pulls left them. */
export async function journalledRanges(folder: string): Promise<AskedRange[]> {
  const ranges: AskedRange[] = [];
  for (const name of await journalsIn(folder)) {
    for (const line of (await readFile(join(folder, name), "utf8")).split("\n")) {
      const [, offset, length] = /^\{"stretch":\[(\d+),(\d+),\d+\]\}$/.exec(line) ?? [];
      if (offset !== undefined) ranges.push({ offset: Number(offset), length: Number(length) });
    }
  }
  return ranges;
}

/** Changes the recorded owners of the journals in a folder. */
export async function changeOwners(
  folder: string,
  change: (owner: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  for (const name of await journalsIn(folder)) {
    const path = join(folder, name);
    const lines = (await readFile(path, "utf8")).split("\n").map((line) => changed(line, change));
    await writeFile(path, lines.join("\n"));
  }
}

function changed(
  line: string,
  change: (owner: Record<string, unknown>) => Record<string, unknown>,
): string {
  if (!line.startsWith('{"owner":{')) return line;
  const { owner, ...rest } = JSON.parse(line);
  return JSON.stringify({ owner: change(owner), ...rest });
}
