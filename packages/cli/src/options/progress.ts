import { Option } from "commander";

import type { ProgressStyle } from "../output/progress.js";

const STYLES: readonly ProgressStyle[] = ["auto", "plain", "json", "none"];

/** The `--progress` option. A function, because commander keeps state in its options. */
export const progressOption = (): Option =>
  new Option(
    "--progress <style>",
    "how to show progress on standard error (default: auto)",
  ).choices(STYLES);

/** The progress style to use. An explicit `--progress` overrides `--quiet`. */
export function progressStyle(asked: ProgressStyle | undefined, isQuiet: boolean): ProgressStyle {
  return asked ?? (isQuiet ? "none" : "auto");
}
