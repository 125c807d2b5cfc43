/** An address that cannot be listened on: in use, not ours, or not allowed. */
export class ListenError extends Error {
  readonly code = "listen-failed";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ListenError";
  }
}
