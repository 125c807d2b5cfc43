import { isLibraryError, LibraryError } from "../errors/library-error.js";
import type { Connection } from "../http/connection.js";
import type { LibraryReply } from "../http/send.js";
import { expiredError, isRefusal, mayHaveExpired } from "../transfer/expired-url.js";
import { changedObject, requestRange } from "./range-request.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** Where the parts of an image come from. */
export interface PartSource {
  /**
   * Requests a part. The reply is a 206 for exactly this part, or a 200 with the whole image.
   *
   * @throws LibraryError `protocol` for any other reply, by the status of a refusal; retryable when
   *   the URL has expired, which the next request renews; {@link isChangedObject} when the reply is
   *   of another object than before.
   */
  readonly request: (part: ByteRange, signal: AbortSignal | undefined) => Promise<LibraryReply>;
}

/** What a source needs to know. */
export interface PartSourceOptions {
  readonly connection: Connection;
  /** Where the image is, according to the library. */
  readonly url: URL;
  readonly sizeBytes: number;
  /** Whether replies with different strong ETags are of different objects. */
  readonly checkEtag: boolean;
  /** Asks the library again. Undefined when the image is no longer available this way. */
  readonly resolve: () => Promise<URL | undefined>;
}

/** How often in a row the library is asked again without a part arriving in between. */
const MAX_RENEWALS = 5;

interface Place {
  readonly url: URL;
  /** Redirects were followed: later parts go straight there. */
  readonly isFinal: boolean;
}

/** Creates a source of the parts of an image at a URL that may expire. */
export function createPartSource(options: PartSourceOptions): PartSource {
  const { connection, sizeBytes, resolve } = options;
  let place: Promise<Place> = Promise.resolve({ url: options.url, isFinal: false });
  let renewals = 0;
  let etag: string | undefined;
  let given = options.url;
  const renew = (expired: Promise<Place>, error: LibraryError) => {
    // Of all parts refused at the same time, one renews the URL.
    if (place !== expired) return;
    renewals += 1;
    const isRefused: boolean = isRefusal(error);
    place = resolve().then((url) => {
      if (url === undefined) throw error;
      // The same URL again: what is missing there had not expired.
      if (url.href === given.href && !isRefused) throw error;
      given = url;
      return { url, isFinal: false };
    });
    place.catch(() => {});
  };
  return {
    async request(part, signal) {
      const current = place;
      const { url, isFinal } = await current.catch((error: unknown) => {
        const none = new LibraryError(
          "protocol",
          "the library no longer offers the image in parts",
        );
        if (isLibraryError(error) && error.retryable) renew(current, none);
        throw error;
      });
      try {
        const reply = await requestRange(connection, { url, part, sizeBytes, signal });
        renewals = 0;
        etag ??= strongEtag(reply);
        if (options.checkEtag) await refuseOther(reply, etag);
        if (!isFinal && place === current)
          place = Promise.resolve({ url: reply.url, isFinal: true });
        return reply;
      } catch (error) {
        if (!mayHaveExpired(error, url) || renewals >= MAX_RENEWALS) throw error;
        renew(current, error);
        throw expiredError(error);
      }
    },
  };
}

function strongEtag({ headers }: LibraryReply): string | undefined {
  const etag = headers.get("etag") ?? undefined;
  return etag?.startsWith("W/") === true ? undefined : etag;
}

async function refuseOther(reply: LibraryReply, expected: string | undefined): Promise<void> {
  const etag = strongEtag(reply);
  if (etag === undefined || expected === undefined || etag === expected) return;
  await reply.body?.cancel().catch(() => {});
  const message = `${reply.request.method} ${reply.url.origin}${reply.url.pathname}: the image was replaced while it was pulled; try again`;
  const error = new LibraryError("integrity", message, { expected, actual: etag });
  throw changedObject(error);
}
