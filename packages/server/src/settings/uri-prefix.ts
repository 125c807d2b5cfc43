const PREFIX = /^\/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)+$/;
const MAX_LENGTH = 255;

/** A path of a URI that other paths can be put behind, such as `/_blobs/`; `undefined` if `text` is none. */
export function parseUriPrefix(text: string): string | undefined {
  return text.length <= MAX_LENGTH && PREFIX.test(text) ? text : undefined;
}
