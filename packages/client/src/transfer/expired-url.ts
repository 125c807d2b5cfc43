import { isLibraryError, LibraryError } from "../errors/library-error.js";

/** Whether a URL that authorises itself was refused, as happens once it has expired. */
export function isRefusal(error: unknown): error is LibraryError {
  return isLibraryError(error) && (error.status === 401 || error.status === 403);
}

/** Statuses, besides 401 and 403, of storages for a URL whose signature has expired. */
const SIGNATURE_STATUSES: ReadonlySet<number | undefined> = new Set([400, 404, 410]);

/** Whether the URL of a download may have been refused because it has expired. */
export function mayHaveExpired(error: unknown, url: URL): error is LibraryError {
  if (isRefusal(error)) return true;
  return url.search !== "" && isLibraryError(error) && SIGNATURE_STATUSES.has(error.status);
}

/** Returns the same error as a retryable one, to be retried with another URL. */
export function expiredError(error: LibraryError): LibraryError {
  const { code, message, status, method, url, requestId, serverMessage } = error;
  const details = { status, method, url, requestId, serverMessage, cause: error };
  return new LibraryError(code, message, { ...details, retryable: true });
}

/**
 * Returns a wrapper for requests to URLs that are renewed each time: the first refusal may mean
 * that the URL expired meanwhile, and becomes retryable; the second one is final.
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
