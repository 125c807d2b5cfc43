/** Pulls an image into a file, verified: `node examples/dist/pull.js ref file [arch]`. */
import { isLibraryError, isNotFound } from "@sifshelf/client";
import { pullToFile } from "@sifshelf/client/node";

import { connect } from "./connect.js";
import { runExample } from "./run-example.js";

await runExample("pull", async ({ args: [ref, path, arch = "amd64"], say, signal }) => {
  if (ref === undefined || path === undefined) throw new Error("usage: pull.js ref file [arch]");
  try {
    const pulled = await pullToFile(connect(), { ref, path }, { arch, signal });
    say(`${pulled.path}: ${pulled.sizeBytes} bytes, ${pulled.image.hash}`);
  } catch (error) {
    // Distinguish errors by their code, never by their text.
    if (isNotFound(error)) throw new Error(`${ref} does not exist for ${arch}`, { cause: error });
    if (isLibraryError(error) && error.code === "file-exists") {
      throw new Error(`${path} exists and has other content`, { cause: error });
    }
    throw error;
  }
});
