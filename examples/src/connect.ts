import { LibraryClient } from "@sifshelf/client";

/**
 * Returns a client for the library that `SIFSHELF_LIBRARY` names, with the token of
 * `SIFSHELF_TOKEN` if it is set.
 */
export function connect(): LibraryClient {
  const { SIFSHELF_LIBRARY: baseUrl, SIFSHELF_TOKEN: authToken } = process.env;
  if (baseUrl === undefined || baseUrl === "") {
    throw new Error(
      "set SIFSHELF_LIBRARY to the URL of a library; examples/dist/serve.js starts one",
    );
  }
  return new LibraryClient({ baseUrl, authToken });
}
