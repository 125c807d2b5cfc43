import { openFileSource } from "@sifshelf/client/node";

import { check } from "./check.js";
import { describeHash, describeSpeed } from "./describe.js";
import type { DemoImage } from "./make-images.js";
import { CONTAINER, TAG, type Tour } from "./tour.js";

/** Pushes each image under the same tag, for its arch. */
export async function pushImages(tour: Tour): Promise<void> {
  for (const image of tour.images) await pushImage(tour, image);
}

async function pushImage(tour: Tour, image: DemoImage): Promise<void> {
  const { client, requests, signal, say } = tour;
  const source = await openFileSource(image.path);
  try {
    requests.clear();
    const startedMs = performance.now();
    const pushed = await client.uploadImage(source, CONTAINER, {
      arch: image.arch,
      tags: [TAG],
      description: "pushed by the demo",
      signal,
    });
    const speed = describeSpeed(image.sizeBytes, performance.now() - startedMs);
    check(pushed.uploaded, "the bytes were sent");
    check(pushed.image.hash === image.hash, "the library has the hash that we computed");
    const way = wayOf(tour, image);
    say(
      `Pushed ${CONTAINER}:${TAG} for ${image.arch} ${way} (${speed}), hash ${describeHash(image.hash)}.`,
    );
  } finally {
    await source.close();
  }
}

function wayOf({ requests }: Tour, image: DemoImage): string {
  const parts = requests.count("PUT", "/parts/");
  const isLarge = image.sizeBytes > 64 * 1024 * 1024;
  check(isLarge === parts > 0, "files over 64 MiB are sent in parts, others in one request");
  return isLarge ? `in ${parts} parts` : "in one request";
}
