import { check } from "./check.js";
import { pull } from "./pull-images.js";
import { CONTAINER, type Tour } from "./tour.js";

const NEW_TAG = "stable";

/** Sets another tag for the images, without sending bytes, and pulls by it. */
export async function setTag(tour: Tour): Promise<void> {
  const { client, images, signal, say } = tour;
  const container = await client.getContainer(CONTAINER, { signal });
  for (const { arch, hash } of images) {
    const { id } = await client.getImage(`${CONTAINER}:${hash}`, { arch, signal });
    await client.setArchTags(container.id, { arch, imageId: id, tags: [NEW_TAG] }, { signal });
    const tags = await client.getArchTags(container.id, { signal });
    check(tags[arch]?.[NEW_TAG] === id, "the new tag names the image");
  }
  for (const image of images) await pull(tour, image, NEW_TAG);
  say(`Set the tag ${NEW_TAG} for both arches, and pulled by it: same bytes.`);
}
