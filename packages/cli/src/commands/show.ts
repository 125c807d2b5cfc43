import type { LibraryClient } from "@sifshelf/client";
import { Command } from "commander";

import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { openLibrary } from "../library/open-library.js";
import { parseArch } from "../options/arch.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { parseCommand } from "../options/parse-command.js";
import { parsePullRef, type RefArgument, refLabel, tagged } from "../options/ref.js";
import { showLines } from "./show-result.js";
import { imageJson } from "./image-json.js";
import type {
  ShowCollectionJson,
  ShowContainerJson,
  ShowEntityJson,
  ShowImageJson,
  ShowJson,
} from "./show-result.js";

/** Parsed arguments of `show`. */
export interface ShowOptions extends CommonOptions {
  readonly ref: RefArgument;
  /** Go name; default: this machine's. */
  readonly arch?: string;
}

/** Arguments and options of `show`. */
export const defineShow = (): Command =>
  new Command("show")
    .description(
      "Show the library's record: of an image for a ref with a tag or hash, else of the entity,\n" +
        "collection or container that the one, two or three names identify.",
    )
    .argument("<ref>", "[library://[host/]]entity[/collection[/container[:tag|:hash]]]")
    .option("--arch <arch>", "arch of the image, if not this machine's")
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf show library://alice/images/alpine:3.18
  sifshelf show alice/images/alpine
  sifshelf show --json --arch arm64 alice/images/alpine:latest | jq -r .image.hash
`;

/** Reads the arguments of `show`. */
export function parseShow(argv: readonly string[]): ShowOptions {
  const command = parseCommand(defineShow(), argv);
  const { arch } = command.opts<{ arch?: string }>();
  return {
    ...readCommonOptions(command),
    ref: parsePullRef(command.args[0] ?? ""),
    ...(arch === undefined ? {} : { arch: parseArch(arch) }),
  };
}

/** Fetches the record that the ref names and prints it. */
export async function runShow(options: ShowOptions, run: CommandRun): Promise<ExitCode> {
  const { client } = await openLibrary(options, run, options.ref.host);
  const json = await look(client, options, run);
  await run.output.result(json, showLines(json));
  return EXIT_CODES.ok;
}

async function look(
  client: LibraryClient,
  { ref, arch }: ShowOptions,
  { context }: CommandRun,
): Promise<ShowJson> {
  const { signal } = context;
  if (ref.isTagged) return showImage(client, ref, { arch: arch ?? context.arch, signal });
  const names = ref.path.split("/").length;
  if (names === 1) return showEntity(client, ref.path, signal);
  return names === 2
    ? showCollection(client, ref.path, signal)
    : showContainer(client, ref.path, signal);
}

async function showImage(
  client: LibraryClient,
  ref: RefArgument,
  options: { readonly arch: string; readonly signal: AbortSignal },
): Promise<ShowImageJson> {
  const image = await client.getImage(tagged(ref), options);
  return { ok: true, kind: "image", ref: refLabel(ref), image: imageJson(image) };
}

async function showContainer(
  client: LibraryClient,
  path: string,
  signal: AbortSignal,
): Promise<ShowContainerJson> {
  const container = await client.getContainer(path, { signal });
  const { archTags, imageTags } = container;
  return {
    ok: true,
    kind: "container",
    ref: `library://${path}`,
    description: container.description,
    private: container.private,
    sizeBytes: container.size,
    images: container.images.length,
    downloads: container.downloadCount,
    // Libraries without arch tags have one list for all arches.
    tags: Object.keys(archTags).length > 0 ? archTags : { unknown: imageTags },
  };
}

async function showCollection(
  client: LibraryClient,
  path: string,
  signal: AbortSignal,
): Promise<ShowCollectionJson> {
  const collection = await client.getCollection(path, { signal });
  return {
    ok: true,
    kind: "collection",
    ref: `library://${path}`,
    description: collection.description,
    private: collection.private,
    sizeBytes: collection.size,
    containers: collection.containers.length,
  };
}

async function showEntity(
  client: LibraryClient,
  path: string,
  signal: AbortSignal,
): Promise<ShowEntityJson> {
  const entity = await client.getEntity(path, { signal });
  return {
    ok: true,
    kind: "entity",
    ref: `library://${path}`,
    description: entity.description,
    defaultPrivate: entity.defaultPrivate,
    sizeBytes: entity.size,
    quotaBytes: entity.quota,
    collections: entity.collections.length,
  };
}

/** The `show` command. */
export const showCommand = createCommand({ define: defineShow, parse: parseShow, run: runShow });
