import {
  readSif,
  sifFacts,
  SifDataType,
  type SifImage,
  SifIntegrityError,
  type TrustedKeys,
  verifyCosign,
  verifySif,
  type VerifySifOptions,
} from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { readTrustedKeys, type TrustFiles } from "../keys/read-trusted-keys.js";
import { readCommonOptions } from "../options/common.js";
import { parseCommand, usageError } from "../options/parse-command.js";
import { spreadValues } from "../options/spread-values.js";
import { collect, collectIds } from "../options/value-lists.js";
import { verifyLines } from "./verify-result.js";
import type { VerifyJson } from "./verify-result.js";
import { type ImageArgumentOptions, withImage } from "../image/with-image.js";

/** Parsed arguments of `verify`. */
export interface VerifyOptions extends ImageArgumentOptions, TrustFiles {
  readonly groups: readonly number[];
  readonly objects: readonly number[];
  /** All objects; differs from the default only with `legacy`. */
  readonly all: boolean;
  readonly legacy: boolean;
  readonly cosign: boolean;
}

/** Arguments and options of `verify`. */
export const defineVerify = (): Command =>
  new Command("verify")
    .description(
      "Verify that an image is signed by keys that you trust: every group of objects, or the given ones.\n" +
        "The data of an image in a library is read over the network, without creating a file.",
    )
    .argument("<image>", "file, or [library://[host/]][entity/[collection/]]container[:tag|:hash]")
    .option("--key <file>", "public keys, PGP or PEM; several files are allowed", collect)
    .option("--certificate <file>", "certificate of the signer, in PEM")
    .option(
      "--intermediates, --certificate-intermediates <file>",
      "certificates between the signer's and a root",
      collect,
    )
    .option("--roots, --certificate-roots <file>", "trusted root certificates", collect)
    .option("--group <ids>", "groups that must be signed", collectIds)
    .option("--object <ids>", "objects that must be signed", collectIds)
    .option("--all", "all objects, which is the default except with --legacy", false)
    .option(
      "--legacy",
      "signatures of Singularity before 3.6; only of the primary partition",
      false,
    )
    .option("--cosign", "the cosign signatures inside an OCI-SIF", false)
    .option("--arch <arch>", "arch of the image in a library, if not this machine's")
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf verify --key alice.asc alpine.sif
  sifshelf verify --key alice.asc --key bob.pem library://alice/images/alpine:3.18
  sifshelf verify --json --certificate signer.pem --roots ca.pem --group 1 alpine.sif
`;

/** Reads the arguments of `verify`. */
export function parseVerify(argv: readonly string[]): VerifyOptions {
  const command = parseCommand(defineVerify(), spreadValues(argv, "--key", defineVerify));
  const values = command.opts<VerifyValues>();
  checkScope(command, values);
  return {
    ...readCommonOptions(command),
    image: command.args[0] ?? "",
    ...(values.arch === undefined ? {} : { arch: values.arch }),
    keys: values.key ?? [],
    ...certificateOf(command, values),
    groups: values.group ?? [],
    objects: values.object ?? [],
    all: values.all,
    legacy: values.legacy,
    cosign: values.cosign,
  };
}

interface VerifyValues {
  readonly key?: readonly string[];
  readonly certificate?: string;
  readonly certificateIntermediates?: readonly string[];
  readonly certificateRoots?: readonly string[];
  readonly group?: readonly number[];
  readonly object?: readonly number[];
  readonly all: boolean;
  readonly legacy: boolean;
  readonly cosign: boolean;
  readonly arch?: string;
}

function checkScope(
  command: Command,
  { group = [], object = [], all, legacy, cosign }: VerifyValues,
): void {
  const isChosen = group.length + object.length > 0;
  if (all && isChosen) {
    throw usageError(command, "--all cannot be combined with --group and --object");
  }
  if (cosign && (isChosen || legacy)) {
    throw usageError(
      command,
      "--cosign verifies whole images: it cannot be combined with --group, --object and --legacy",
    );
  }
}

function certificateOf(
  command: Command,
  {
    certificate,
    certificateIntermediates: intermediates = [],
    certificateRoots: roots = [],
  }: VerifyValues,
): Pick<TrustFiles, "certificate"> {
  if (certificate === undefined) {
    if (intermediates.length + roots.length === 0) return {};
    throw usageError(command, "--intermediates and --roots require --certificate");
  }
  if (roots.length === 0) throw usageError(command, "--certificate requires --roots");
  return { certificate: { leaf: certificate, intermediates, roots } };
}

/** Verifies an image; rejects with the first failure. */
export async function runVerify(options: VerifyOptions, run: CommandRun): Promise<ExitCode> {
  const { signal } = run.context;
  const trusted = await readTrustedKeys(options, run.context);
  const json = await withImage(options, run, async ({ label, source }) => {
    const image = await readSif(source, { signal });
    const verified = await (options.cosign
      ? verifyOciImages(image, trusted, signal)
      : verifyObjects(image, { ...trusted, ...scopeOf(options, image), signal }));
    return { ok: true, source: label, ...verified } satisfies VerifyJson;
  });
  await run.output.result(json, verifyLines(json));
  return EXIT_CODES.ok;
}

type Verified = Omit<VerifyJson, "ok" | "source">;

async function verifyObjects(image: SifImage, options: VerifySifOptions): Promise<Verified> {
  const { objects, signatures } = await verifySif(image, options);
  const covered = new Set(objects);
  const uncovered = image.descriptors
    .filter(({ id, dataType }) => dataType !== SifDataType.signature && !covered.has(id))
    .map(({ id }) => id);
  return { objects, uncovered, signatures, ociImages: [] };
}

async function verifyOciImages(
  image: SifImage,
  { keys = [] }: TrustedKeys,
  signal: AbortSignal,
): Promise<Verified> {
  const ociImages = await verifyCosign(image, { keys, signal });
  return { objects: [], uncovered: [], signatures: [], ociImages };
}

/**
 * As in singularity, `--legacy` alone verifies the primary partition, and with `--all` all objects.
 */
function scopeOf(
  { legacy, all, groups, objects }: VerifyOptions,
  image: SifImage,
): Pick<VerifySifOptions, "groups" | "objects" | "mode"> {
  if (!legacy) return { groups, objects };
  if (all) return { mode: "legacy-all" };
  if (groups.length + objects.length > 0) return { mode: "legacy", groups, objects };
  const { primary } = sifFacts(image);
  if (primary !== null) return { mode: "legacy", objects: [primary] };
  const found =
    "it has no primary partition, which --legacy is about; name a --group or an --object";
  throw new SifIntegrityError({ code: "object-not-found", found });
}

/** The `verify` command. */
export const verifyCommand = createCommand({
  define: defineVerify,
  parse: parseVerify,
  run: runVerify,
});
