import {
  type ExpandedRef,
  expandRef,
  isLibraryPullRef,
  isLibraryPushRef,
  LIBRARY_PREFIX,
  LIBRARY_SCHEME,
  type LibraryRef,
  parseLibraryRef,
} from "@sifshelf/protocol";

import { CliError } from "../errors/cli-error.js";

/** A ref given on the command line. */
export interface RefArgument extends ExpandedRef {
  /** Host with port, if the ref names one. */
  readonly host?: string;
  /** Names as typed, short forms included, without host and tags. */
  readonly path: string;
  /** Whether a tag or hash was given; otherwise `tags` is the default tag. */
  readonly isTagged: boolean;
}

/**
 * Parses a ref: `[library://[host/]]entity/collection/container[:tag]`. Without a host, names may
 * be fewer than three; a host is recognised only before three names, as in `singularity`.
 *
 * @throws {RefError} when it is not a ref
 */
export function parseRefArgument(text: string): RefArgument {
  const { host, path, tags } = readRef(text);
  const list = tags.length === 0 ? "" : `:${tags.join(",")}`;
  const expanded = expandRef(`${path}${list}`);
  const names = path.split("/").filter((name) => name !== "");
  return {
    ...expanded,
    path: names.join("/"),
    isTagged: tags.length > 0,
    ...(host === "" ? {} : { host }),
  };
}

/**
 * A ref that can be pulled, shown or deleted: one tag or hash at most.
 *
 * @throws {RefError} when it is not a ref
 * @throws {CliError} `usage` when it has several tags
 */
export function parsePullRef(text: string): RefArgument {
  const ref = parseRefArgument(text);
  if (isLibraryPullRef(tagged(ref))) return ref;
  throw new CliError("usage", `"${text}" has ${ref.tags.length} tags; use one`, {
    next: "use one tag or an image hash",
  });
}

/**
 * A ref that can be pushed to: all three names, and tags.
 *
 * @throws {RefError} when it is not a ref
 * @throws {CliError} `usage` when it is short or ends in a hash
 */
export function parsePushRef(text: string): RefArgument {
  const ref = parseRefArgument(text);
  if (isLibraryPushRef(tagged(ref)) && ref.hash === undefined) return ref;
  const fault = ref.hash === undefined ? "does not have three names" : "has a hash instead of tags";
  throw new CliError("usage", `cannot push to "${text}": it ${fault}`, {
    next: "use entity/collection/container[:tag,…]",
  });
}

/** The ref as it is sent to a library: without host, with its tags or hash. */
export function tagged({ path, tags, hash }: Pick<RefArgument, "path" | "tags" | "hash">): string {
  return `${path}:${hash ?? tags.join(",")}`;
}

/** The ref for display: expanded to three names. */
export function refLabel({ host, entity, collection, container, tags, hash }: RefArgument): string {
  const names = [...(host === undefined ? [] : [host]), entity, collection, container];
  return `${LIBRARY_PREFIX}${names.join("/")}:${hash ?? tags.join(",")}`;
}

function readRef(text: string): LibraryRef {
  if (!text.startsWith(`${LIBRARY_SCHEME}:`)) return parseHostless(text);
  if (!text.startsWith(LIBRARY_PREFIX)) return parseLibraryRef(text);
  const rest = text.slice(LIBRARY_PREFIX.length);
  return rest.split("/").length > 3 ? parseLibraryRef(text) : parseHostless(rest);
}

function parseHostless(path: string): LibraryRef {
  return parseLibraryRef(`${LIBRARY_PREFIX}/${path}`);
}
