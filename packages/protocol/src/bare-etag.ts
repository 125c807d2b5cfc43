/** An ETag without its quotes and without the `W/` that proxies put before it. */
export function bareEtag(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
