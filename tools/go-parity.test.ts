import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as main from "@sifshelf/client";
import * as goCompat from "@sifshelf/client/go-compat";
import * as node from "@sifshelf/client/node";
import * as protocol from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const textOf = (path: string) => readFileSync(ROOT + path, "utf8");

const ENTRIES: Readonly<Record<string, { readonly values: object; readonly source: string }>> = {
  main: { values: main, source: "packages/client/src/index.ts" },
  node: { values: node, source: "packages/client/src/node/index.ts" },
  "go-compat": { values: goCompat, source: "packages/client/src/go-compat/index.ts" },
};

interface Row {
  readonly go: string;
  readonly here: string;
  readonly entry: string;
  readonly schema: string | undefined;
  /** The `code` of an error. */
  readonly code: string | undefined;
  readonly tests: readonly string[];
}

const ROW = /^\| (?:`([^`]+)`|\([a-z]+\)) \| `([^`]+)` \| ([a-z-]+) \| (.*) \| (.*) \|$/gm;

const rows: Row[] = [...textOf("docs/go-parity.md").matchAll(ROW)].map(
  ([, go = "", here = "", entry = "", notes = "", tests = ""]) => ({
    go,
    here,
    entry,
    schema: /the schema `(\w+)`/.exec(notes)?.[1],
    code: /`code` (?:is )?`([a-z-]+)`/.exec(notes)?.[1],
    tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
  }),
);

/** The exported symbols of the Go package, version 1.3; methods are prefixed by their type. */
const GO_SYMBOLS = `
APIVersionV2Upload APIVersionV2ArchTags OptionS3Compliant Scheme
ErrRefSchemeNotValid ErrRefUserNotPermitted ErrRefQueryNotPermitted ErrRefFragmentNotPermitted
ErrRefPathNotValid ErrRefTagsNotValid ErrNotFound ErrUnauthorized DefaultConfig LibraryModels
IDInSlice ImageHash IsImageHash IsLibraryPullRef IsLibraryPushRef IsRefPart ParseLibraryPath
PrettyPrint SliceWithoutID StringInSlice AbortMultipartUploadRequest ArchImageTag ArchTagMap
ArchTagsResponse BaseModel BaseModel.GetCreated BaseModel.GetDeleted BaseModel.GetUpdated Blob
Client NewClient Client.ConcurrentDownloadImage Client.DeleteImage Client.DownloadImage
Client.GetImage Client.GetVersion Client.Search Client.UploadImage Collection Collection.GetID
Collection.LibraryURI CollectionResponse CompleteMultipartUploadRequest
CompleteMultipartUploadResponse CompletedPart Config Container Container.LibraryURI
Container.TagList ContainerResponse Downloader Entity Entity.LibraryURI EntityResponse Image
ImageResponse ImageTag ModelManager MultipartUpload MultipartUploadStartRequest
MultipartUploadStartResponse NoopProgressBar ProgressBar QuotaResponse Ref Parse ParseAmbiguous
Ref.Hostname Ref.Port Ref.String SearchResponse SearchResults TagMap TagsResponse UploadCallback
UploadImage UploadImageComplete UploadImageCompleteRequest UploadImageCompleteResponse
UploadImagePart UploadImagePartRequest UploadImagePartResponse UploadImageRequest
UploadImageResponse VersionInfo
`
  .trim()
  .split(/\s+/);

/** Returns all names that an entry's source exports, including types. */
function exportedNames(entry: string): Set<string> {
  const source = textOf(ENTRIES[entry]?.source ?? "");
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(
    ([, list = ""]) => list,
  );
  const names = lists.flatMap((list) => list.split(",")).map((name) => name.trim());
  return new Set(names.map((name) => name.replace(/^type /, "").replace(/^.* as /, "")));
}

/** Whether the named export, or the method or property of an exported class, exists. */
function isThere({ here, entry }: Row): boolean {
  const [owner = "", member] = here.replace(/^client\./, "LibraryClient.").split(".");
  if (!exportedNames(entry).has(owner)) return false;
  const value: unknown = Reflect.get(ENTRIES[entry]?.values ?? {}, owner);
  if (member === undefined) return isType(owner) || value !== undefined;
  return typeof value === "function" && member in value.prototype;
}

/** Names like `LibraryClientOptions` may be types, which do not exist at run time. */
const isType = (name: string) => /^[A-Z][a-z]/.test(name);

describe("docs/go-parity.md", () => {
  it("has a row for every symbol of the Go package, and none for others", () => {
    const named = new Set(rows.map(({ go }) => go).filter((go) => go !== ""));
    expect(named).toEqual(new Set(GO_SYMBOLS));
  });

  it.each(rows)("names what is there: $here, entry $entry", (row) => {
    expect(isThere(row)).toBe(true);
  });

  it.each(rows.filter(({ schema }) => schema !== undefined))(
    "names a schema of the protocol: $schema",
    ({ schema = "" }) => {
      expect(Reflect.get(protocol, schema)).toBeTypeOf("object");
      expect(Reflect.get(main, schema)).toBeUndefined();
    },
  );

  it.each(rows)("names tests that use $here", ({ here, schema, code, tests }) => {
    const name = code ?? schema ?? here.split(".").at(-1) ?? here;
    expect(tests).not.toEqual([]);
    for (const test of tests) {
      expect(existsSync(ROOT + test), test).toBe(true);
      const text = textOf(test);
      expect(text.includes(name), `${test}: ${name}`).toBe(true);
    }
  });
});

describe("the README of packages/client", () => {
  it("names every symbol of the Go package", () => {
    const page = textOf("packages/client/README.md");
    const [, section = ""] = page.split("## If you used the Go package");
    expect(
      GO_SYMBOLS.filter((symbol) => !section.includes(symbol.split(".").at(-1) ?? symbol)),
    ).toEqual([]);
  });
});
