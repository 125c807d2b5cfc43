import type { Command } from "commander";

import { prepareCommand } from "./parse-command.js";

/**
 * Allows several values after one option: `--key A B image.sif` becomes `--key A --key B
 * image.sif`. If no argument is left for the command, the last of the values becomes the argument.
 *
 * @param define creates the command, which is used to count the remaining arguments
 */
export function spreadValues(
  argv: readonly string[],
  flag: string,
  define: () => Command,
): readonly string[] {
  const { args, lastValue } = spread(argv, flag);
  if (lastValue === undefined || hasOperands(args, define())) return args;
  return args.toSpliced(lastValue - 1, 1);
}

function hasOperands(args: readonly string[], command: Command): boolean {
  try {
    return prepareCommand(command).parseOptions([...args]).operands.length > 0;
  } catch {
    // Errors in the arguments are reported when they are parsed.
    return true;
  }
}

interface Spread {
  readonly args: readonly string[];
  /** Index of the last value that was not the first after its option. */
  readonly lastValue: number | undefined;
}

function spread(argv: readonly string[], flag: string): Spread {
  const args: string[] = [];
  let lastValue: number | undefined;
  let place: "outside" | "first" | "further" | "end" = "outside";
  for (const argument of argv) {
    if (place === "further" && !isOption(argument)) {
      lastValue = args.push(flag, argument) - 1;
      continue;
    }
    args.push(argument);
    place = nextPlace(place, argument, flag);
  }
  return { args, lastValue };
}

function nextPlace(
  place: "outside" | "first" | "further" | "end",
  argument: string,
  flag: string,
): "outside" | "first" | "further" | "end" {
  if (place === "end" || argument === "--") return "end";
  if (place === "first") return "further";
  return argument === flag ? "first" : "outside";
}

function isOption(argument: string): boolean {
  return argument.startsWith("-") && argument !== "-";
}
