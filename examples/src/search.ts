/** Lists all images that match a text, page by page: `node examples/dist/search.js text [arch]`. */
import { connect } from "./connect.js";
import { runExample } from "./run-example.js";

await runExample("search", async ({ args: [value, arch], say, signal }) => {
  if (value === undefined)
    throw new Error("usage: search.js text [arch]; text has at least 3 characters");
  for await (const { images } of connect().searchPages({ value, arch }, { signal })) {
    for (const { entityName, collectionName, containerName, tags, hash, arch: stated } of images) {
      const name = `library://${entityName}/${collectionName}/${containerName}`;
      say(`${name}:${tags?.[0] ?? hash} ${stated ?? "unknown"}`);
    }
  }
});
