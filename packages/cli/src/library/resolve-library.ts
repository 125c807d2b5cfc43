import { CliError } from "../errors/cli-error.js";
import { type Config, configPath, isConfigExposed, readConfig } from "../config/config-file.js";
import { discoverLibrary } from "../config/discovery.js";
import { readActiveRemotes } from "../config/remote-yaml.js";
import type { CliContext } from "../context/context.js";
import { isExposed, libraryUrlText, parseLibraryUrl } from "./library-url.js";
import { parseToken } from "./token.js";

/** Sources of the library, in order of precedence. */
export type LibrarySource = "flag" | "ref" | "environment" | "config" | "remote.yaml";

/** Sources of a token, in order of precedence. */
export type TokenSource = "environment" | "config" | "remote.yaml";

/** The library to use, and the token to send to it. */
export interface ResolvedLibrary {
  readonly baseUrl: string;
  readonly source: LibrarySource;
  /** Absent if no token belongs to this library. */
  readonly token?: string;
  readonly tokenSource?: TokenSource;
  /** Warnings for the user, for example about plain http. */
  readonly warnings: readonly string[];
}

/** How a command names its library. */
export interface LibraryRequest {
  /** The value of `--library`. */
  readonly flag?: string | undefined;
  /** The host of the ref, if it has one. */
  readonly refHost?: string | undefined;
  /** Whether a host in a ref is reached by https. */
  readonly httpsRefs: boolean;
}

/** What resolving needs from the context. */
export type ResolveContext = Pick<CliContext, "env" | "homeDir" | "fetch" | "signal">;

/**
 * Decides which library a command uses and which token it sends. Nothing else does.
 *
 * Library: `--library`, the host in the ref, `SIFSHELF_LIBRARY`, the default library of the
 * configuration, the active remote of `~/.apptainer/remote.yaml`, then of
 * `~/.singularity/remote.yaml`.
 *
 * A token is sent only to the origin (scheme, host, port) that it belongs to. `SIFSHELF_TOKEN`
 * belongs to the first library in that order other than the host in the ref, a token in the
 * configuration to the origin it was stored for, a token in a `remote.yaml` to the library of that
 * remote.
 *
 * @throws {CliError} `no-library` when nothing names one, `library-url-not-valid`,
 *   `token-not-valid`, `config-not-valid`, `remote-not-usable`, `discovery-failed`
 */
export async function resolveLibrary(
  request: LibraryRequest,
  context: ResolveContext,
): Promise<ResolvedLibrary> {
  const config = await readConfig(context);
  const configured = configuredLibrary(request.flag, context, config);
  const named = libraryOfRef(request, configured) ?? configured ?? (await remoteLibrary(context));
  if (named === undefined) throw noLibrary();
  const owner = named.source === "ref" ? configured : named;
  const token = chooseToken({ named, owner, config, env: context.env });
  return {
    baseUrl: libraryUrlText(named.url),
    source: named.source,
    ...token,
    warnings: [
      ...warningsAbout({ request, named, owner, context }),
      ...(token.tokenSource === "config" ? await warningsAboutConfig(context) : []),
    ],
  };
}

/** A library and its source. */
export interface NamedLibrary {
  readonly url: URL;
  readonly source: LibrarySource;
  /** The token from the same source, if any. */
  readonly token?: string;
}

/**
 * The library that `--library`, `SIFSHELF_LIBRARY` or the configuration names, in this order.
 *
 * @throws {CliError} `library-url-not-valid`
 */
export function configuredLibrary(
  flag: string | undefined,
  { env }: Pick<ResolveContext, "env">,
  { defaultLibrary }: Config,
): NamedLibrary | undefined {
  if (flag !== undefined) return { url: parseLibraryUrl(flag, "--library"), source: "flag" };
  const fromEnv = env["SIFSHELF_LIBRARY"] ?? "";
  if (fromEnv !== "") {
    return { url: parseLibraryUrl(fromEnv, "SIFSHELF_LIBRARY"), source: "environment" };
  }
  if (defaultLibrary === undefined) return undefined;
  return { url: parseLibraryUrl(defaultLibrary, "the configuration"), source: "config" };
}

function libraryOfRef(
  { refHost, httpsRefs }: LibraryRequest,
  configured: NamedLibrary | undefined,
): NamedLibrary | undefined {
  if (refHost === undefined || configured?.source === "flag") return undefined;
  const url = parseLibraryUrl(`${httpsRefs ? "https" : "http"}://${refHost}`, "the ref");
  return { url, source: "ref" };
}

async function remoteLibrary(context: ResolveContext): Promise<NamedLibrary | undefined> {
  for await (const remote of readActiveRemotes(context.homeDir)) {
    const uri = await discoverLibrary(remote, context);
    if (uri === undefined) continue;
    const url = parseLibraryUrl(uri, `the remote "${remote.name}"`);
    if (url.protocol === "http:" && !remote.isInsecure) {
      throw new CliError(
        "remote-not-usable",
        `the remote "${remote.name}" of ${remote.path} redirects from https to plain http`,
        { next: "name the library with --library if plain http is intended" },
      );
    }
    return {
      url,
      source: "remote.yaml",
      ...(remote.token === undefined ? {} : { token: remote.token }),
    };
  }
  return undefined;
}

interface TokenChoice {
  readonly named: NamedLibrary;
  /** The library that `SIFSHELF_TOKEN` belongs to. */
  readonly owner: NamedLibrary | undefined;
  readonly config: Config;
  readonly env: ResolveContext["env"];
}

function chooseToken({
  named,
  owner,
  config,
  env,
}: TokenChoice): Pick<ResolvedLibrary, "token" | "tokenSource"> {
  const { origin } = named.url;
  const fromEnv = env["SIFSHELF_TOKEN"] ?? "";
  if (fromEnv !== "" && owner?.url.origin === origin) {
    return { token: parseToken(fromEnv, "SIFSHELF_TOKEN"), tokenSource: "environment" };
  }
  const stored = Object.hasOwn(config.libraries, origin) ? config.libraries[origin] : undefined;
  if (stored !== undefined) {
    return { token: parseToken(stored.token, "the configuration"), tokenSource: "config" };
  }
  if (named.token === undefined) return {};
  return { token: parseToken(named.token, "remote.yaml"), tokenSource: "remote.yaml" };
}

function warningsAbout({
  request,
  named,
  owner,
  context,
}: {
  readonly request: LibraryRequest;
  readonly named: NamedLibrary;
  readonly owner: NamedLibrary | undefined;
  readonly context: ResolveContext;
}): string[] {
  const warnings: string[] = [];
  if (isExposed(named.url)) {
    warnings.push(
      `${named.url.origin} uses plain http: others on the network can read and change everything`,
    );
  }
  if (
    named.source === "flag" &&
    request.refHost !== undefined &&
    request.refHost !== named.url.host
  ) {
    warnings.push(`--library overrides the host ${request.refHost} of the ref`);
  }
  const hasToken = (context.env["SIFSHELF_TOKEN"] ?? "") !== "";
  if (hasToken && owner?.url.origin !== named.url.origin) {
    warnings.push(
      `SIFSHELF_TOKEN is not sent to ${named.url.host}: name that library with --library or SIFSHELF_LIBRARY if it belongs there`,
    );
  }
  return warnings;
}

async function warningsAboutConfig(context: ResolveContext): Promise<string[]> {
  if (!(await isConfigExposed(context))) return [];
  return [`other users can read the tokens in ${configPath(context)}: set its mode to 600`];
}

/** The error for a command without a library. */
export function noLibrary(): CliError {
  return new CliError("no-library", "no library given", {
    next: 'use --library URL, set SIFSHELF_LIBRARY, or "sifshelf login URL"',
  });
}
