/** Permission to send or fetch some bytes, for a limited time. The URL is a credential. */
export interface TransferGrant {
  readonly url: string;
  /** Headers that the request must carry. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Whom a transfer is granted to. Stores with URLs of their own may ignore it. */
export interface GrantReceiver {
  /** Id of the token the client authenticated with; null for an anonymous client. */
  readonly tokenId: string | null;
  /** Base URL by which this client reaches the library, with a slash at its end. */
  readonly baseUrl: string;
}
