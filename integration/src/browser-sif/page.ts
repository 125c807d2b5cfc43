import { type ByteSource, readSif, sifFacts } from "@sifshelf/sif";

import { runCase } from "./run-case.js";

/** A byte source over HTTP ranges, as a page would use it. */
async function rangeSource(url: string): Promise<ByteSource> {
  const head = await fetch(url, { method: "HEAD" });
  return {
    size: Number(head.headers.get("content-length")),
    async read(offset, length) {
      const headers = { Range: `bytes=${offset}-${offset + length - 1}` };
      const reply = await fetch(url, { headers });
      if (reply.status !== 206) throw new Error(`the server returned ${reply.status}`);
      return new Uint8Array(await reply.arrayBuffer());
    },
  };
}

// What the tests call.
Object.assign(globalThis, {
  runCase,
  factsOverRanges: async (url: string) => sifFacts(await readSif(await rangeSource(url))),
});
