import { listSetting, type Setting } from "./setting.js";

/** Stands for every origin. */
export const ANY_ORIGIN = "*";

/** A list of web origins, as browsers write them in `Origin`; or {@link ANY_ORIGIN} by itself. */
export function corsOriginsSetting(
  name: string,
  description: string,
  expects: string,
): Setting<readonly string[]> {
  const setting = listSetting(
    name,
    description,
    expects,
    (text) => text === ANY_ORIGIN || isOrigin(text),
  );
  return {
    ...setting,
    read(value) {
      const origins = setting.read(value);
      const isMixed = origins !== undefined && origins.length > 1 && origins.includes(ANY_ORIGIN);
      return isMixed ? undefined : origins;
    },
  };
}

/** Compared letter by letter: a pattern, or one with a path, a slash or the scheme's own port, would never match. */
function isOrigin(text: string): boolean {
  const isPlain = /^https?:[^*]+$/.test(text) && URL.canParse(text);
  return isPlain && new URL(text).origin === text;
}
