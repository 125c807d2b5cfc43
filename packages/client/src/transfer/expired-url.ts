import { isLibraryError, LibraryError } from "../errors.js";

/** Whether a URL that authorises itself was refused, as it is once it has expired. */
export function isRefusal(error: unknown): error is LibraryError {
  return isLibraryError(error) && (error.status === 401 || error.status === 403);
}

/** How storages answer, beside 401 and 403, to a URL whose signature was right when the library gave it out. */
const SIGNATURE_STATUSES: ReadonlySet<number | undefined> = new Set([400, 404, 410]);

/** Whether the URL of a download may have been refused because it has expired. */
export function mayHaveExpired(error: unknown, url: URL): error is LibraryError {
  if (isRefusal(error)) return true;
  return url.search !== "" && isLibraryError(error) && SIGNATURE_STATUSES.has(error.status);
}

/** The same error, to be tried again: with another URL. */
export function expiredError(error: LibraryError): LibraryError {
  const { code, message, status, method, url, requestId, serverMessage } = error;
  const details = { status, method, url, requestId, serverMessage, cause: error };
  return new LibraryError(code, message, { ...details, retryable: true });
}

/**
 * Watches what is sent to URLs that are asked for each time: the first refusal may mean that the URL expired meanwhile, and
 * is to be tried again; a second one means what it says.
 */
export function renewingOnce(): <T>(sending: Promise<T>) => Promise<T> {
  let isRenewed = false;
  return (sending) =>
    sending.catch((error: unknown) => {
      if (isRenewed || !isRefusal(error)) throw error;
      isRenewed = true;
      throw expiredError(error);
    });
}
