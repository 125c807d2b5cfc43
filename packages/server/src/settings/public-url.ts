/** The URL under which clients reach the server, without a slash at its end; `undefined` if `text` is no such URL. */
export function parsePublicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain =
    url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || text.includes("#") || text.includes("?")) return undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return url.href.replace(/\/+$/, "");
}
