import { type SifDescriptor, signSif } from "@sifshelf/sif";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../options/command-definition.js";
import { editImageFile } from "../image/edit-image-file.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { passphraseSource } from "../keys/ask-passphrase.js";
import { readSigningKeys } from "../keys/read-signing-keys.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { parseCommand, usageError } from "../options/parse-command.js";
import { spreadValues } from "../options/spread-values.js";
import { collect, collectIds } from "../options/value-lists.js";

/** What `sifshelf sign --json` prints. */
export interface SignJson {
  readonly ok: true;
  /** The file as typed. */
  readonly path: string;
  /** The signatures that were added. */
  readonly signatures: readonly NewSignatureJson[];
}

/** A signature that was added. */
export interface NewSignatureJson {
  /** Id of the signature object. */
  readonly signatureId: number;
  /** Group that it covers, whole or in part. */
  readonly group: number;
  /** Fingerprint of the PGP key; `null` for keys in PEM. */
  readonly fingerprint: string | null;
}

/** Parsed arguments of `sign`. */
export interface SignOptions extends CommonOptions {
  readonly file: string;
  readonly keys: readonly string[];
  readonly passphraseStdin: boolean;
  readonly groups: readonly number[];
  readonly objects: readonly number[];
}

/** Arguments and options of `sign`. */
export const defineSign = (): Command =>
  new Command("sign")
    .description(
      "Sign an image file: each group of objects, or the given ones. Existing signatures are kept, so that several " +
        "parties can sign. A failed run leaves the file unchanged.",
    )
    .argument("<file>", "image to sign")
    .option("--key <file>", "private key: one PGP key, or keys in PEM", collect)
    .option("--passphrase-stdin", "read the passphrase of the key from standard input", false)
    .option("--group <ids>", "groups to sign", collectIds)
    .option("--object <ids>", "objects to sign", collectIds)
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf sign --key alice.asc alpine.sif
  sifshelf sign --key ed25519.pem --group 1 alpine.sif
  pass show signing | sifshelf sign --key alice.asc --passphrase-stdin alpine.sif
`;

/** Reads the arguments of `sign`. */
export function parseSign(argv: readonly string[]): SignOptions {
  const command = parseCommand(defineSign(), spreadValues(argv, "--key", defineSign));
  const {
    key = [],
    passphraseStdin,
    group = [],
    object = [],
  } = command.opts<{
    key?: readonly string[];
    passphraseStdin: boolean;
    group?: readonly number[];
    object?: readonly number[];
  }>();
  if (key.length === 0) throw usageError(command, "no signing key: name one with --key");
  return {
    ...readCommonOptions(command),
    file: command.args[0] ?? "",
    keys: key,
    passphraseStdin,
    groups: group,
    objects: object,
  };
}

/** Signs a file and prints the added signatures. */
export async function runSign(options: SignOptions, run: CommandRun): Promise<ExitCode> {
  const { context, output } = run;
  const { file, groups, objects } = options;
  const passphraseOf = passphraseSource(options.passphraseStdin, context);
  const keys = await readSigningKeys(options.keys, passphraseOf, context);
  const added = await editImageFile(file, context, async (store, before) => {
    const signed = await signSif(store, keys, { groups, objects, signal: context.signal });
    const known = new Set(before.descriptors.map(({ index }) => index));
    return signed.descriptors.filter(({ index }) => !known.has(index));
  });
  const json: SignJson = { ok: true, path: file, signatures: added.map(newSignature) };
  await output.result(json, json.signatures.map(textOf));
  return EXIT_CODES.ok;
}

function newSignature({ id, link, metadata }: SifDescriptor): NewSignatureJson {
  const fingerprint = metadata.kind === "signature" ? metadata.fingerprint : null;
  return { signatureId: id, group: link?.id ?? 0, fingerprint };
}

function textOf({ signatureId, group, fingerprint }: NewSignatureJson): string {
  const signer = fingerprint === null ? "" : ` by ${fingerprint.toUpperCase()}`;
  return `signed group ${group} with object ${signatureId}${signer}`;
}

/** The `sign` command. */
export const signCommand = createCommand({ define: defineSign, parse: parseSign, run: runSign });
