import {
  MAX_DESCRIPTION_LENGTH,
  MAX_NAME_LENGTH,
  isArch,
  isRefPart,
  isTagName,
} from "@sifshelf/protocol";

import { Fault } from "../faults/fault.js";

/**
 * Returns `name` if it can name an entity, collection or container; otherwise throws
 * `ref-not-valid`.
 */
export function checkName(what: "entity" | "collection" | "container", name: string): string {
  if (name.length <= MAX_NAME_LENGTH && isRefPart(name)) return name;
  throw new Fault(
    "ref-not-valid",
    `the ${what}'s name ${quote(name)} is not valid; use lower-case letters and digits, with single ".", "-" or "_" between them, ` +
      `at most ${MAX_NAME_LENGTH} characters`,
  );
}

/** Returns `tag` if it can be set as a tag; otherwise throws `tag-not-valid`. */
export function checkTag(tag: string): string {
  if (isTagName(tag)) return tag;
  throw new Fault(
    "tag-not-valid",
    `the tag ${quote(tag)} is not valid; use lower-case letters and digits, with single ".", "-" or "_" between them, and no image hash`,
  );
}

/** Returns `arch` if it can name an arch; otherwise throws `bad-request`. */
export function checkArch(arch: string): string {
  if (isArch(arch)) return arch;
  throw new Fault(
    "bad-request",
    `the arch ${quote(arch)} is not valid; use a Go name such as amd64 or arm64`,
  );
}

/** Control characters of Unicode, except those that make lines of text. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

/** Returns `description` if it is plain text and short enough; otherwise throws `bad-request`. */
export function checkDescription(description: string): string {
  if (CONTROL.test(description)) {
    throw new Fault("bad-request", "the description has control characters; send plain text");
  }
  if (description.length <= MAX_DESCRIPTION_LENGTH) return description;
  throw new Fault(
    "bad-request",
    `the description has ${description.length} characters; at most ${MAX_DESCRIPTION_LENGTH} are kept`,
  );
}

const MAX_QUOTED_LENGTH = 100;

/** Input, safe to show: shortened, in quotes, with control characters and all but ASCII escaped. */
function quote(input: string): string {
  return JSON.stringify(input.slice(0, MAX_QUOTED_LENGTH)).replaceAll(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
