import { check } from "./check.js";
import { describeHash, describeSize } from "./describe.js";
import { CONTAINER, TAG, type Tour } from "./tour.js";

/** Looks at the record that the library keeps of each image. */
export async function showImages({ client, images, signal, say }: Tour): Promise<void> {
  for (const { arch, hash, sizeBytes } of images) {
    const image = await client.getImage(`${CONTAINER}:${TAG}`, { arch, signal });
    check(image.uploaded, "the image is uploaded");
    check(image.hash === hash, "the tag leads to the image that was pushed for this arch");
    check(image.size === sizeBytes, "the library knows the size");
    check(
      image.arch === undefined || image.arch === arch,
      "the library has read the arch from the SIF file, if it states one",
    );
    say(
      `Showed ${CONTAINER}:${TAG} for ${arch}: ${describeSize(image.size)}, ${describeHash(image.hash)}, ${image.signed === true ? "signed" : "not signed"}.`,
    );
  }
}
