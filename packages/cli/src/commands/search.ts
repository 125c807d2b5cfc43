import type { SearchQuery, SearchResults } from "@sifshelf/client";
import { type Image, LIBRARY_PREFIX, libraryUri } from "@sifshelf/protocol";
import { Command, Option } from "commander";

import { type CommandRun, createCommand } from "../options/command-definition.js";
import { EXIT_CODES, type ExitCode } from "../errors/exit-codes.js";
import { openLibrary } from "../library/open-library.js";
import { parseArchList } from "../options/arch.js";
import { type CommonOptions, readCommonOptions } from "../options/common.js";
import { parseCommand } from "../options/parse-command.js";
import { searchLines } from "./search-result.js";
import { imageJson } from "./image-json.js";
import type { FoundImageJson, FoundJson, SearchJson } from "./search-result.js";

/** Parsed arguments of `search`. */
export interface SearchOptions extends CommonOptions {
  readonly value: string;
  /** Go names; default: all arches. */
  readonly arch?: readonly string[];
  /** True for signed images only, false for unsigned only; default: both. */
  readonly signed?: boolean;
}

/** Maximum number of pages: enough for people, and a limit for a library that never ends. */
const MAX_PAGES = 50;

/** Arguments and options of `search`. */
export const defineSearch = (): Command =>
  new Command("search")
    .description(
      "Find images, and the entities, collections and containers that contain them, by name.",
    )
    .argument("<value>", "part of a name, a tag or a description; at least 3 characters")
    .option("--arch <list>", "only images for these arches, separated by commas")
    .addOption(new Option("--signed", "only images with signatures").conflicts("unsigned"))
    .addOption(new Option("--unsigned", "only images without signatures").conflicts("signed"))
    .addHelpText("after", () => EXAMPLES);

const EXAMPLES = `
Examples:
  sifshelf search alpine
  sifshelf search --arch amd64,arm64 --signed alpine
  sifshelf search --json alpine | jq -r '.images[].ref'
`;

/** Reads the arguments of `search`. */
export function parseSearch(argv: readonly string[]): SearchOptions {
  const command = parseCommand(defineSearch(), argv);
  const values = command.opts<{ arch?: string; signed?: boolean; unsigned?: boolean }>();
  return {
    ...readCommonOptions(command),
    value: command.args[0] ?? "",
    ...(values.arch === undefined ? {} : { arch: parseArchList(values.arch) }),
    ...(values.signed === true ? { signed: true } : {}),
    ...(values.unsigned === true ? { signed: false } : {}),
  };
}

/** Searches and prints all pages of results. */
export async function runSearch(options: SearchOptions, run: CommandRun): Promise<ExitCode> {
  const { client, library } = await openLibrary(options, run);
  const { value, arch, signed } = options;
  const query: SearchQuery = { value, arch, signed };
  const pages: SearchResults[] = [];
  let truncated = false;
  for await (const page of client.searchPages(query, { signal: run.context.signal })) {
    if (pages.length === MAX_PAGES) {
      truncated = true;
      break;
    }
    pages.push(page);
  }
  const json = searchJson(pages, { value, library: library.baseUrl, truncated });
  await run.output.result(json, searchLines(json, arch));
  if (truncated) run.output.warn("there are more results than shown; use a longer search text");
  return EXIT_CODES.ok;
}

function searchJson(
  pages: readonly SearchResults[],
  rest: Pick<SearchJson, "value" | "library" | "truncated">,
): SearchJson {
  return {
    ok: true,
    ...rest,
    entities: pages.flatMap((page) => page.entities.map(found)),
    collections: pages.flatMap((page) => page.collections.map(found)),
    containers: pages.flatMap((page) => page.containers.map(found)),
    images: pages.flatMap((page) => page.images.map(foundImage)),
  };
}

function found(
  model: Parameters<typeof libraryUri>[0] & { readonly description: string },
): FoundJson {
  return { uri: libraryUri(model), description: model.description };
}

function foundImage(image: Image): FoundImageJson {
  const names = [image.entityName, image.collectionName, image.containerName];
  const path = names.filter((name) => name !== undefined).join("/");
  const tags = image.tags ?? [];
  const end = tags.length === 0 ? image.hash : tags.join(",");
  return { ref: `${LIBRARY_PREFIX}${path}:${end}`, ...imageJson(image) };
}

/** The `search` command. */
export const searchCommand = createCommand({
  define: defineSearch,
  parse: parseSearch,
  run: runSearch,
});
