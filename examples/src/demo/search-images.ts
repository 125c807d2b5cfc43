import { check } from "./check.js";
import { CONTAINER, TAG, type Tour } from "./tour.js";

/** Searches the images by a part of their name, first all, then those of one arch. */
export async function searchImages({ client, images, signal, say }: Tour): Promise<void> {
  const all = await client.search({ value: "hello" }, { signal });
  const hashes = new Set(all.images.map(({ hash }) => hash));
  check(
    all.images.length === images.length && images.every(({ hash }) => hashes.has(hash)),
    "the search finds exactly the images that were pushed",
  );
  check(
    all.containers.some(({ name }) => name === "hello"),
    "the search finds their container",
  );
  for (const { arch, hash } of images) {
    const { images: ofArch } = await client.search({ value: "hello", arch }, { signal });
    check(
      ofArch.length === 1 && ofArch[0]?.hash === hash,
      `the search for ${arch} finds that image`,
    );
  }
  say(
    `Searched for "hello": found ${all.images.length} images of ${CONTAINER}, tagged ${TAG}, and one for each arch.`,
  );
}
