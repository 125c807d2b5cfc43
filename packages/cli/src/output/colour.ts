/** Adds colour to text, or returns it unchanged. */
export type Paint = (text: string, style: keyof typeof STYLES) => string;

const STYLES = { bold: "1", dim: "2", red: "31", yellow: "33" } as const;

/** What determines whether output is coloured. */
export interface ColourInputs {
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False with `--no-color`. */
  readonly allowed: boolean;
}

/**
 * Whether to colour: only on a terminal, and not with `--no-color`, a non-empty `NO_COLOR`,
 * `CLICOLOR=0` or `TERM=dumb`.
 */
export function usesColour({ isTerminal, env, allowed }: ColourInputs): boolean {
  const isUnwanted = (env["NO_COLOR"] ?? "") !== "" || env["CLICOLOR"] === "0";
  return isTerminal && allowed && !isUnwanted && env["TERM"] !== "dumb";
}

/** Returns a function that adds ANSI colours, if `inputs` allow them. */
export function createPaint(inputs: ColourInputs): Paint {
  if (!usesColour(inputs)) return (text) => text;
  return (text, style) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;
}
