/** The user asked for the help of a command; `text` is it. */
export class HelpRequest extends Error {
  override readonly name = "HelpRequest";
  readonly text: string;

  constructor(text: string) {
    super("help was asked for");
    this.text = text;
  }
}
