import type { GrantReceiver, TransferGrant } from "./transfer-grant.js";

/** A transfer through this server: one kind of request, on one path, for bytes of one size. */
export interface SignedTransfer {
  /** `GET` allows `HEAD` too. */
  readonly method: "GET" | "PUT";
  /** Path below the library's base URL, without leading slash. */
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes, lower-case hex; null if unknown. */
  readonly sha256: string | null;
}

/** A transfer that a valid signature allows. */
export interface AllowedTransfer extends SignedTransfer {
  /** Id of the token that the URL was made for; null if it was made for an anonymous client. */
  readonly tokenId: string | null;
}

/** A request that came with a signed URL. */
export interface SignedRequest {
  readonly method: string;
  /** Path below the library's base URL, without leading slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Signs and checks URLs of this server's own transfer routes. For stores that clients cannot reach
 * directly, such as a local folder.
 */
export interface SignedUrls {
  /** Returns an absolute URL below the receiver's base URL. */
  sign(transfer: SignedTransfer, receiver: GrantReceiver): Promise<TransferGrant>;
  /**
   * Returns what the URL of a request allows. Does not check whether the token is still valid.
   *
   * @throws Fault `forbidden` if the signature is missing, wrong, expired or made for another
   *   request.
   */
  verify(request: SignedRequest): Promise<AllowedTransfer>;
}
