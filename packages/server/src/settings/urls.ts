import { type SettingType, listType, textType } from "./setting-types.js";

/** Stands for every origin. */
export const ANY_ORIGIN = "*";

const URI_PREFIX = /^\/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)+$/;
const MAX_URI_PREFIX_LENGTH = 255;

/** An http or https URL, without the slash at its end. */
export const publicUrlType = textType(
  "an http or https URL without user, query and fragment",
  parsePublicUrl,
);

/** A URI path that other paths can be appended to, such as `/_blobs/`. */
export const uriPrefixType = textType(
  "a path that begins and ends with a slash, of letters, digits, dots, dashes and underscores",
  (text) => (text.length <= MAX_URI_PREFIX_LENGTH && URI_PREFIX.test(text) ? text : undefined),
);

/** A web origin: scheme, host and port of a server, without a path. */
export const originType = textType(
  "an origin such as https://keys.example.org, without a path",
  (text) => (isOrigin(text) ? text : undefined),
);

const originList = listType(
  "a list of origins such as https://app.example.org, without a path, or * alone",
  (text) => text === ANY_ORIGIN || isOrigin(text),
);

/** A list of web origins, as browsers write them in `Origin`; or {@link ANY_ORIGIN} alone. */
export const originsType: SettingType<readonly string[]> = {
  ...originList,
  read(value) {
    const origins = originList.read(value);
    const isMixed = origins !== undefined && origins.length > 1 && origins.includes(ANY_ORIGIN);
    return isMixed ? undefined : origins;
  },
};

function parsePublicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain =
    url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || text.includes("#") || text.includes("?")) return undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return url.href.replace(/\/+$/, "");
}

/**
 * Origins are compared as text: a pattern would never match, nor one with a path, a trailing slash
 * or its scheme's default port.
 */
function isOrigin(text: string): boolean {
  const isPlain = /^https?:[^*]+$/.test(text) && URL.canParse(text);
  return isPlain && new URL(text).origin === text;
}
