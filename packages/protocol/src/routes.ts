/** One request of the library protocol. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /**
   * The path, without a leading slash so that it resolves below a base URL with a path. `{name}` is
   * one segment; `{ref}` is one to three segments with an optional `:tag` or `:hash` at the end.
   */
  readonly path: string;
}

/** Every request of the library protocol, for client and server alike. */
export const ROUTES = {
  getVersion: { method: "GET", path: "version" },
  getIdentity: { method: "GET", path: "v1/rbac/users/current" },
  getTokenStatus: { method: "GET", path: "v1/token-status" },
  getEntity: { method: "GET", path: "v1/entities/{entity}" },
  createEntity: { method: "POST", path: "v1/entities" },
  getCollection: { method: "GET", path: "v1/collections/{entity}/{collection}" },
  createCollection: { method: "POST", path: "v1/collections" },
  getContainer: { method: "GET", path: "v1/containers/{entity}/{collection}/{container}" },
  createContainer: { method: "POST", path: "v1/containers" },
  getImage: { method: "GET", path: "v1/images/{ref}" },
  createImage: { method: "POST", path: "v1/images" },
  deleteImage: { method: "DELETE", path: "v1/images/{ref}" },
  getInspection: { method: "GET", path: "v1/inspections/{ref}" },
  downloadImage: { method: "GET", path: "v1/imagefile/{ref}" },
  getPartDigests: { method: "GET", path: "v2/imagefile/{imageId}/_digests" },
  uploadImageV1: { method: "POST", path: "v1/imagefile/{imageId}" },
  startUpload: { method: "POST", path: "v2/imagefile/{imageId}" },
  completeUpload: { method: "PUT", path: "v2/imagefile/{imageId}/_complete" },
  startMultipartUpload: { method: "POST", path: "v2/imagefile/{imageId}/_multipart" },
  getMultipartUpload: { method: "GET", path: "v2/imagefile/{imageId}/_multipart" },
  requestUploadPart: { method: "PUT", path: "v2/imagefile/{imageId}/_multipart" },
  completeMultipartUpload: { method: "PUT", path: "v2/imagefile/{imageId}/_multipart_complete" },
  abortMultipartUpload: { method: "PUT", path: "v2/imagefile/{imageId}/_multipart_abort" },
  getTags: { method: "GET", path: "v1/tags/{containerId}" },
  setTag: { method: "POST", path: "v1/tags/{containerId}" },
  getArchTags: { method: "GET", path: "v2/tags/{containerId}" },
  setArchTag: { method: "POST", path: "v2/tags/{containerId}" },
  setTags: { method: "PUT", path: "v2/tags/{containerId}" },
  search: { method: "GET", path: "v1/search" },
  sendUpload: { method: "PUT", path: "transfers/uploads/{uploadId}" },
  sendUploadPart: { method: "PUT", path: "transfers/uploads/{uploadId}/parts/{partNumber}" },
  receiveImage: { method: "GET", path: "transfers/images/{imageId}" },
} as const satisfies Readonly<Record<string, Route>>;

/** The name of a request of the library protocol. */
export type RouteName = keyof typeof ROUTES;

/** The placeholders of a route's path, with a text for each. */
export type RouteParams<Name extends RouteName> = Readonly<
  Record<PlaceholderOf<(typeof ROUTES)[Name]["path"]>, string>
>;

type PlaceholderOf<Path extends string> = Path extends `${string}{${infer Key}}${infer Rest}`
  ? Key | PlaceholderOf<Rest>
  : never;

/**
 * The path of a request, relative to the library's base URL, with every parameter encoded once.
 * Characters that Go does not escape in a path (such as `:`) stay literal; the slashes of a `{ref}`
 * separate segments.
 *
 * @throws RangeError when a parameter is empty, `.` or `..`; URIError when it is not well-formed
 *   unicode.
 */
export function routePath<Name extends RouteName>(name: Name, params: RouteParams<Name>): string {
  const values = new Map(Object.entries<string>(params));
  return ROUTES[name].path.replaceAll(/\{([^}]+)\}/g, (_, key: string) => {
    const segments = key === "ref" ? (values.get(key) ?? "").split("/") : [values.get(key) ?? ""];
    return segments.map((segment) => encodeSegment(segment, key)).join("/");
  });
}

function encodeSegment(segment: string, key: string): string {
  if (segment === "" || segment === "." || segment === "..") {
    throw new RangeError(`the ${key} in a request's path cannot be "${segment}"`);
  }
  return encodeURIComponent(segment).replaceAll(
    /%(?:24|26|2B|2C|3A|3B|3D|40)/g,
    decodeURIComponent,
  );
}
