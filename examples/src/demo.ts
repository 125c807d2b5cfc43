/**
 * The whole tour: `npm run demo`, or `npm run demo -- image.sif` with your own image. Starts a
 * library on a free port of this machine, pushes, searches, shows, pulls, compares, tags and
 * deletes, and reports each step. Exits with 1 if a claim is wrong.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { LibraryClient } from "@sifshelf/client";
import { startServer } from "@sifshelf/server";

import { deleteImage } from "./demo/delete-image.js";
import { makeImages } from "./demo/make-images.js";
import { pullByHash, pullByTag } from "./demo/pull-images.js";
import { pushAgain } from "./demo/push-again.js";
import { pushImages } from "./demo/push-images.js";
import { createRequestLog } from "./demo/request-log.js";
import { searchImages } from "./demo/search-images.js";
import { setTag } from "./demo/set-tag.js";
import { showImages } from "./demo/show-images.js";
import { runExample } from "./run-example.js";

const STEPS = [
  pushImages,
  searchImages,
  showImages,
  pullByTag,
  pullByHash,
  pushAgain,
  setTag,
  deleteImage,
];

await runExample("demo", async ({ args, say, signal }) => {
  const [given] = args;
  // npm runs scripts in the root of the repository; the path is relative to the user's folder.
  const imagePath = given && resolve(process.env["INIT_CWD"] ?? "", given);
  const startedMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-demo-"));
  try {
    const images = await makeImages(folder, imagePath, say);
    const listen = { host: "127.0.0.1", port: 0 };
    const server = await startServer({ data: join(folder, "library"), listen });
    try {
      say(`Started a library at ${server.url}, with its data in a temporary folder.`);
      const requests = createRequestLog();
      const client = new LibraryClient({
        baseUrl: server.url,
        authToken: server.adminToken,
        logger: requests.logger,
      });
      for (const step of STEPS) await step({ client, requests, images, folder, signal, say });
    } finally {
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(`Stopped the library and removed the folder. Everything was as claimed, in ${seconds} s.`);
});
