import { openFileSource } from "@sifshelf/client/node";

import { check } from "./check.js";
import { CONTAINER, TAG, type Tour } from "./tour.js";

/** Pushes the images once more: the library has them, so no bytes are sent. */
export async function pushAgain({ client, requests, images, signal, say }: Tour): Promise<void> {
  requests.clear();
  for (const { path, arch } of images) {
    const source = await openFileSource(path);
    try {
      const pushed = await client.uploadImage(source, CONTAINER, { arch, tags: [TAG], signal });
      check(!pushed.uploaded, "pushing again sends nothing");
    } finally {
      await source.close();
    }
  }
  const uploads = requests.count("POST", "/imagefile/") + requests.count("PUT", "/imagefile/");
  check(uploads === 0, "pushing again opens no upload");
  say("Pushed both again: the library has the bytes, so none were sent.");
}
