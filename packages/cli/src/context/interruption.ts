/** The signal that stopped a command; Ctrl-C at a prompt counts as SIGINT. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  readonly signalName: "SIGINT" | "SIGTERM";

  constructor(signalName: "SIGINT" | "SIGTERM") {
    super(`stopped by ${signalName}`);
    this.signalName = signalName;
  }
}
