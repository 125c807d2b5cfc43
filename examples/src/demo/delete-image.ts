import { isNotFound } from "@sifshelf/client";

import { check } from "./check.js";
import { CONTAINER, TAG, type Tour } from "./tour.js";

/** Deletes the image of one arch; the other one remains. */
export async function deleteImage({ client, images, signal, say }: Tour): Promise<void> {
  const [gone, kept] = images;
  check(gone !== undefined && kept !== undefined, "there are two images");
  await client.deleteImage(`${CONTAINER}:${TAG}`, { arch: gone.arch, signal });
  for (const tagOrHash of [TAG, "stable", gone.hash]) {
    const ref = `${CONTAINER}:${tagOrHash}`;
    const failure: unknown = await client.getImage(ref, { arch: gone.arch, signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    check(isNotFound(failure), `${ref} for ${gone.arch} is gone`);
  }
  const image = await client.getImage(`${CONTAINER}:${TAG}`, { arch: kept.arch, signal });
  check(image.hash === kept.hash, "the image of the other arch is still there");
  say(`Deleted the image for ${gone.arch} with its tags; the one for ${kept.arch} is still there.`);
}
