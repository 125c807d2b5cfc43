import { escapeUrl } from "./url-escape.js";

/** The scheme of refs (Go: `Scheme`). */
export const LIBRARY_SCHEME = "library";

/** The usual prefix of refs. */
export const LIBRARY_PREFIX = `${LIBRARY_SCHEME}://`;

/**
 * A parsed ref (Go: `Ref`): `[library://host[:port]/]path[:tag,tag…]`. Immutable. {@link
 * parseLibraryRef} parses one from text; the constructor takes its fields unchecked.
 */
export class LibraryRef {
  /**
   * Host, with `:port` if it has one; empty for a ref without a host. An IPv6 address stands in
   * brackets.
   */
  readonly host: string;
  /**
   * Everything between host and tags, unescaped, without a leading slash:
   * `entity/collection/container` or less.
   */
  readonly path: string;
  /** The tags after the colon; empty if there is none. */
  readonly tags: readonly string[];

  constructor({ host = "", path, tags = [] }: LibraryRefParts) {
    this.host = host;
    this.path = path;
    this.tags = Object.freeze([...tags]);
    Object.freeze(this);
  }

  /**
   * The host without its port, and without the brackets of an IPv6 address; with its zone, if any.
   */
  get hostname(): string {
    if (!this.host.includes(":")) return this.host;
    const close = this.host.indexOf("]");
    if (close >= 0) return this.host.slice(this.host.startsWith("[") ? 1 : 0, close);
    return this.host.slice(0, this.host.indexOf(":"));
  }

  /** The port as it is written; empty if there is none. */
  get port(): string {
    const afterLiteral = this.host.indexOf("]:");
    if (afterLiteral >= 0) return this.host.slice(afterLiteral + 2);
    const colon = this.host.indexOf(":");
    return colon < 0 || this.host.includes("]") ? "" : this.host.slice(colon + 1);
  }

  /**
   * `library:path[:tags]`, or `library://host/path[:tags]` with URL escapes where the path needs
   * them. As in Go, the form without a host escapes nothing.
   */
  toString(): string {
    const path = this.tags.length === 0 ? this.path : `${this.path}:${this.tags.join(",")}`;
    if (this.host === "") return `${LIBRARY_SCHEME}:${path}`;
    const host = escapeUrl(this.host, "host");
    return `${LIBRARY_PREFIX}${host}${path.startsWith("/") ? "" : "/"}${escapePath(path)}`;
  }
}

/** The fields of a {@link LibraryRef}; default: no host, no tags. */
export interface LibraryRefParts {
  readonly host?: string;
  readonly path: string;
  readonly tags?: readonly string[];
}

/** Go's `URL.EscapedPath` does not escape a path that is a single asterisk. */
function escapePath(path: string): string {
  return path === "*" ? path : escapeUrl(path, "path");
}
