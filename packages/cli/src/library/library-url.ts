import { CliError } from "../errors/cli-error.js";

/** Hosts that resolve to this machine only. */
const LOOPBACK = /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Parses the base URL of a library as typed or configured; default scheme: `https`.
 *
 * @param origin source of the text, for the message
 * @throws {CliError} `library-url-not-valid`
 */
export function parseLibraryUrl(text: string, origin: string): URL {
  const typed = text.trim();
  const absolute = typed.includes("://") ? typed : `https://${typed}`;
  // The text is not repeated in errors: it may hold a password.
  if (!URL.canParse(absolute)) throw invalid(origin, "is not a URL");
  const url = new URL(absolute);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw invalid(origin, "is not http(s)");
  if (url.username !== "" || url.password !== "") throw invalid(origin, "has user info");
  if (url.search !== "" || url.hash !== "") throw invalid(origin, "has a query or a fragment");
  return url;
}

/** The text of a library's base URL, without a trailing slash. */
export function libraryUrlText(url: URL): string {
  return url.href.replace(/\/+$/, "");
}

/** Whether requests to `url` can be read in transit: plain http to another machine. */
export function isExposed(url: URL): boolean {
  return url.protocol === "http:" && !LOOPBACK.test(url.hostname);
}

function invalid(origin: string, problem: string): CliError {
  return new CliError("library-url-not-valid", `the library URL from ${origin} ${problem}`, {
    next: "use the form https://host[:port][/path]",
  });
}
