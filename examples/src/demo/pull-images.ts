import { join } from "node:path";

import { pullToFile } from "@sifshelf/client/node";

import { check } from "./check.js";
import { describeSpeed } from "./describe.js";
import { hashFile } from "./hash-file.js";
import type { DemoImage } from "./make-images.js";
import { CONTAINER, TAG, type Tour } from "./tour.js";

/** Pulls each image by its tag. */
export async function pullByTag(tour: Tour): Promise<void> {
  for (const image of tour.images) {
    const speed = await pull(tour, image, TAG);
    tour.say(
      `Pulled ${CONTAINER}:${TAG} for ${image.arch} (${speed}); its independently computed SHA-256 is that of the original.`,
    );
  }
}

/** Pulls each image by its hash. */
export async function pullByHash(tour: Tour): Promise<void> {
  for (const image of tour.images) await pull(tour, image, image.hash);
  tour.say("Pulled both by their hashes: same bytes.");
}

/** Pulls an image into a file and compares the file with the original. Returns time and speed. */
export async function pull(tour: Tour, image: DemoImage, tagOrHash: string): Promise<string> {
  const { client, folder, signal } = tour;
  const { arch, hash, sizeBytes } = image;
  const path = join(folder, `pulled-${arch}-${tagOrHash}.sif`);
  const startedMs = performance.now();
  const ref = `${CONTAINER}:${tagOrHash}`;
  const pulled = await pullToFile(client, { ref, path }, { arch, signal });
  const ms = performance.now() - startedMs;
  check(pulled.transferred, "the bytes were fetched");
  check(pulled.sizeBytes === sizeBytes, "the pulled size is the pushed size");
  check((await hashFile(path)) === hash, "the pulled file equals the pushed file");
  return describeSpeed(sizeBytes, ms);
}
