import type { Image } from "@sifshelf/protocol";
import { Command } from "commander";

import { CliError } from "../errors/cli-error.js";
import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { openLibrary } from "../library/open-library.js";
import { parseArch } from "../options/arch.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { parseCommand } from "../options/parse-command.js";
import { parsePullRef, type RefArgument, refLabel, tagged } from "../options/ref.js";
import { printableLine } from "../output/text.js";

/** What `sifshelf delete --json` prints. */
export interface DeleteJson {
  readonly ok: true;
  /** Ref that was deleted, expanded to three names, without host. */
  readonly ref: string;
  /** Base URL of the library. */
  readonly library: string;
  /** Image hash of what was deleted. */
  readonly hash: string;
  readonly arch: string;
}

/** Parsed arguments of `delete`. */
export interface DeleteOptions extends CommonOptions {
  readonly ref: RefArgument;
  /** Go name; default: this machine's. */
  readonly arch?: string;
  /** Whether to delete without asking. */
  readonly yes: boolean;
}

/** Arguments and options of `delete`. */
export const defineDelete = (): Command =>
  new Command("delete")
    .description("Delete the image that a tag or hash identifies, with all its tags.")
    .argument("<ref>", "[library://[host/]]entity/collection/container[:tag|:hash]")
    .option("--arch <arch>", "arch of the image, if not this machine's")
    .option("-y, --yes", "do not ask for confirmation; required without a terminal", false)
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf delete library://alice/images/alpine:3.18
  sifshelf delete --yes --arch arm64 alice/images/alpine:old
`;

/** Reads the arguments of `delete`. */
export function parseDelete(argv: readonly string[]): DeleteOptions {
  const command = parseCommand(defineDelete(), argv);
  const { arch, yes } = command.opts<{ arch?: string; yes: boolean }>();
  return {
    ...readCommonOptions(command),
    ref: parsePullRef(command.args[0] ?? ""),
    ...(arch === undefined ? {} : { arch: parseArch(arch) }),
    yes,
  };
}

/** Looks up the image, asks for confirmation, and deletes it. */
export async function runDelete(options: DeleteOptions, run: CommandRun): Promise<ExitCode> {
  const { context, output } = run;
  if (!options.yes && !canAsk(run)) throw needsYes();
  const { client, library } = await openLibrary(options, run, options.ref.host);
  const arch = options.arch ?? context.arch;
  const choice = { arch, signal: context.signal };
  const image = await client.getImage(tagged(options.ref), choice);
  if (!options.yes) await confirm(options.ref, image, run);
  // By hash, to delete the image that was looked up even if the tag has moved since.
  const byHash = image.hash === "" ? tagged(options.ref) : `${options.ref.path}:${image.hash}`;
  await client.deleteImage(byHash, choice);
  const ref = refLabel(options.ref);
  const json: DeleteJson = { ok: true, ref, library: library.baseUrl, hash: image.hash, arch };
  await output.result(json, [`deleted ${ref} (${arch}, ${image.hash})`]);
  return EXIT_CODES.ok;
}

function canAsk({ context: { stdin, stderr } }: CommandRun): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

async function confirm(ref: RefArgument, image: Image, { context }: CommandRun): Promise<void> {
  const tags = image.tags ?? [];
  const also = tags.length === 0 ? "" : `, tagged ${tags.join(", ")}`;
  const question = `Delete ${refLabel(ref)} (${image.arch ?? "unknown arch"}, ${image.hash}${also})?`;
  const isAgreed = await context.prompts.confirm(printableLine(question));
  if (!isAgreed) throw new CliError("cancelled", "nothing was deleted");
}

function needsYes(): CliError {
  return new CliError("no-terminal", "cannot ask for confirmation: there is no terminal", {
    next: "use --yes to delete without confirmation",
  });
}

/** The `delete` command. */
export const deleteCommand = createCommand({
  define: defineDelete,
  parse: parseDelete,
  run: runDelete,
});
