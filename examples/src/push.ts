/**
 * Pushes a SIF file: `node examples/dist/push.js image.sif entity/collection/container[:tag,…]`.
 */
import { parseLibraryPath } from "@sifshelf/client";
import { openFileSource } from "@sifshelf/client/node";
import { readSif, sifFacts } from "@sifshelf/sif";

import { connect } from "./connect.js";
import { runExample } from "./run-example.js";

await runExample("push", async ({ args: [path, ref], say, signal }) => {
  if (path === undefined || ref === undefined) throw new Error("usage: push.js image.sif ref");
  const { entity, collection, container, tags } = parseLibraryPath(ref);
  const source = await openFileSource(path);
  try {
    const { arch } = sifFacts(await readSif(source));
    const pushed = await connect().uploadImage(source, `${entity}/${collection}/${container}`, {
      arch,
      tags: tags.length === 0 ? ["latest"] : tags,
      progress: ({ phase, bytesDone, bytesTotal, ended }) => {
        if (ended === "complete") say(`${phase}: ${bytesDone} of ${bytesTotal} bytes`);
      },
      signal,
    });
    say(`${pushed.image.hash} ${pushed.uploaded ? "was sent" : "was already there"}`);
    say(`tags: ${pushed.tags.join(", ")}`);
  } finally {
    await source.close();
  }
});
