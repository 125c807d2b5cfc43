/** Thrown to print the help of a command, which is `text`. */
export class HelpRequest extends Error {
  override readonly name = "HelpRequest";
  readonly text: string;

  constructor(text: string) {
    super("help was asked for");
    this.text = text;
  }
}
