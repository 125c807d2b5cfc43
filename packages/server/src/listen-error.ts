/** The server cannot listen on an address: it is in use, not ours, or not permitted. */
export class ListenError extends Error {
  readonly code = "listen-failed";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ListenError";
  }
}
