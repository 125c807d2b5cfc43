import { expandRef, isArch, LIBRARY_PREFIX, type LibraryRef, RefError } from "@sifshelf/protocol";

import { optionError } from "../errors/library-error.js";

/**
 * Returns the ref of one image for the path of a request: the names as given (the library expands
 * short refs), then tag or hash, default `latest`.
 *
 * @throws RefError when it is not valid, names a host (the client already has its library) or
 *   several tags.
 */
export function imageRefPath(ref: string | LibraryRef): string {
  const text = typeof ref === "string" ? ref : hostlessText(ref);
  const { tags, hash } = expandRef(text);
  const [tag = "", ...more] = tags;
  if (more.length > 0) {
    throw new RefError(
      "ref-tags-not-valid",
      wholeOf(text),
      "has several tags, but must name one image",
    );
  }
  const names = withoutPrefix(text).split(":", 1)[0] ?? "";
  return `${namesOf(names)}:${hash ?? tag}`;
}

/**
 * Returns the ref of the image with this tag or hash in the container that `path` names.
 *
 * @throws RefError also when `path` has a colon, like the Go client.
 */
export function taggedImageRefPath(path: string, tag: string): string {
  if (withoutPrefix(path).includes(":")) {
    throw new RefError(
      "ref-path-not-valid",
      wholeOf(path),
      "has a colon; pass the tag as an option",
    );
  }
  return imageRefPath(`${path}:${tag}`);
}

/** Returns the arch if it is valid. @throws LibraryError `option-not-valid` */
export function checkArch(arch: string | undefined): string | undefined {
  if (arch === undefined || isArch(arch)) return arch;
  throw optionError(
    `arch ${JSON.stringify(arch.slice(0, 64))} is not the name of an arch, such as "amd64"`,
  );
}

function hostlessText(ref: LibraryRef): string {
  if (ref.host !== "") {
    throw new RefError(
      "ref-path-not-valid",
      wholeOf(String(ref)),
      "names a host, but the client already has its library",
    );
  }
  return ref.tags.length === 0 ? ref.path : `${ref.path}:${ref.tags.join(",")}`;
}

function namesOf(text: string): string {
  return text
    .split("/")
    .filter((name) => name !== "")
    .join("/");
}

function withoutPrefix(text: string): string {
  return text.startsWith(LIBRARY_PREFIX) ? text.slice(LIBRARY_PREFIX.length) : text;
}

function wholeOf(text: string): { input: string; offset: number; text: string } {
  return { input: text, offset: 0, text };
}
