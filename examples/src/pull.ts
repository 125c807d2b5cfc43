/** Pulls an image into a file, verified: `node examples/dist/pull.js ref file [arch]`. */
import { isLibraryError, isNotFound } from "@sifshelf/client";
import { pullToFile } from "@sifshelf/client/node";

import { connect } from "./connect.js";
import { runExample } from "./run-example.js";

await runExample("pull", async ({ args: [ref, path, arch = "amd64"], say, signal }) => {
  if (ref === undefined || path === undefined) throw new Error("name a ref and a file");
  try {
    const pulled = await pullToFile(connect(), { ref, path }, { arch, signal });
    say(`${pulled.path}: ${pulled.sizeBytes} bytes, ${pulled.image.hash}`);
  } catch (error) {
    // Errors are told apart by their code, never by their text.
    if (isNotFound(error)) throw new Error(`there is no ${ref} for ${arch}`, { cause: error });
    if (isLibraryError(error) && error.code === "file-exists") {
      throw new Error(`${path} is there and is another file`, { cause: error });
    }
    throw error;
  }
});
