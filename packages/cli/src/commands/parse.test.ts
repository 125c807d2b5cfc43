import { describe, expect, it } from "vitest";

import { HelpRequest } from "../options/help-request.js";
import { parseDelete } from "./delete.js";
import { parseLogin } from "./login.js";
import { parseLogout } from "./logout.js";
import { parsePull } from "./pull.js";
import { parsePush } from "./push.js";
import { parseSearch } from "./search.js";
import { parseShow } from "./show.js";
import { parseVersion } from "./version.js";

const COMMON = { httpsRefs: true, json: false, quiet: false, verbose: false, color: true };
const usage = expect.objectContaining({ code: "usage", exitCode: 2 });

describe("parsePush", () => {
  it("returns the defaults", () => {
    expect(parsePush(["a.sif", "a/b/c"])).toEqual({
      ...COMMON,
      file: "a.sif",
      ref: expect.objectContaining({ path: "a/b/c", tags: ["latest"] }),
      description: "",
      isPrivate: false,
    });
  });

  it("returns every option", () => {
    const argv = ["--arch", "aarch64", "-D", "text", "--private", "--", "-a.sif", "a/b/c:1"];
    expect(parsePush(argv)).toMatchObject({
      file: "-a.sif",
      arch: "arm64",
      description: "text",
      isPrivate: true,
    });
  });

  it.each([[[]], [["a.sif"]], [["a.sif", "a/b/c", "d"]], [["--arch", "unknown", "a", "a/b/c"]]])(
    "rejects %j",
    (argv) => {
      expect(() => parsePush(argv)).toThrow(usage);
    },
  );
});

describe("parsePull", () => {
  it("returns the defaults", () => {
    expect(parsePull(["alpine"])).toEqual({
      ...COMMON,
      ref: expect.objectContaining({ path: "alpine" }),
      force: false,
    });
  });

  it("returns every option, wherever it stands", () => {
    expect(parsePull(["alpine", "-o", "-", "--force", "--arch=x86_64", "-qv"])).toMatchObject({
      file: "-",
      force: true,
      arch: "amd64",
      quiet: true,
      verbose: true,
    });
  });

  it.each([[[]], [["-o", "", "alpine"]], [["-o", "-", "--json", "alpine"]], [["a", "-o"]]])(
    "rejects %j",
    (argv) => {
      expect(() => parsePull(argv)).toThrow(usage);
    },
  );
});

describe("parseSearch", () => {
  it.each([
    [["alp"], {}],
    [["--signed", "alp"], { signed: true }],
    [["--unsigned", "alp"], { signed: false }],
    [["--arch", "amd64,aarch64", "alp"], { arch: ["amd64", "arm64"] }],
  ])("returns for %j %j", (argv, expected) => {
    expect(parseSearch(argv)).toEqual({ ...COMMON, value: "alp", ...expected });
  });

  it.each([[[]], [["--signed", "--unsigned", "alp"]], [["--arch", "", "alp"]]])(
    "rejects %j",
    (argv) => {
      expect(() => parseSearch(argv)).toThrow(usage);
    },
  );
});

describe("parseShow", () => {
  it("returns the ref and the arch", () => {
    expect(parseShow(["--arch", "arm64", "a/b/c:1"])).toMatchObject({
      arch: "arm64",
      ref: { isTagged: true },
    });
  });
});

describe("parseDelete", () => {
  it("returns whether to ask", () => {
    expect(parseDelete(["a/b/c:1"])).toMatchObject({ yes: false });
    expect(parseDelete(["-y", "a/b/c:1"])).toMatchObject({ yes: true });
  });
});

describe("parseLogin", () => {
  it("returns the URL, https by default", () => {
    expect(parseLogin(["lib.example", "--token-stdin"])).toMatchObject({
      url: new URL("https://lib.example"),
      tokenStdin: true,
      makeDefault: false,
    });
  });

  it.each([[[]], [["--token", "secret", "lib.example"]], [["--library", "a", "lib.example"]]])(
    "rejects %j",
    (argv) => {
      expect(() => parseLogin(argv)).toThrow(usage);
    },
  );
});

describe("parseLogout", () => {
  it("returns the argument as the library", () => {
    expect(parseLogout(["https://lib.example"])).toEqual({
      ...COMMON,
      library: "https://lib.example",
    });
    expect(parseLogout([])).toEqual(COMMON);
  });

  it("rejects a library that is named twice", () => {
    expect(() => parseLogout(["--library", "a", "b"])).toThrow(usage);
  });
});

describe("parseVersion", () => {
  it("returns the common options", () => {
    const argv = ["--json", "-q", "-v", "--no-color", "--no-https", "--library", "h"];
    expect(parseVersion(argv)).toEqual({
      httpsRefs: false,
      json: true,
      quiet: true,
      verbose: true,
      color: false,
      library: "h",
    });
  });

  it("throws the help for --help", () => {
    expect(() => parseVersion(["--help"])).toThrow(HelpRequest);
  });
});
