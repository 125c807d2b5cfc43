import { describe, expect, it } from "vitest";
import { formatImageMetadata, parseImageMetadata } from "./image-metadata.js";

const HEX = "ab".repeat(32);
const object = { relativeId: 0, descriptorDigest: `sha256:${HEX}`, objectDigest: `sha256:${HEX}` };
const valid = { version: 1, header: { digest: `sha256:${HEX}` }, objects: [object] };
const text = JSON.stringify(valid);

describe("parseImageMetadata", () => {
  it("returns what formatImageMetadata writes", () => {
    expect(formatImageMetadata(parseImageMetadata(text))).toBe(text);
  });

  it("accepts upper-case digits and white space", () => {
    const spaced = JSON.stringify(valid, null, 2).replaceAll("ab", "AB");
    expect(parseImageMetadata(spaced).headerDigest.hex).toBe(HEX);
  });

  const digest = (value: unknown) => JSON.stringify({ ...valid, header: { digest: value } });
  it.each([
    ["not json", "{"],
    ["trailing data", `${text}{}`],
    ["a list", "[]"],
    ["version 2", JSON.stringify({ ...valid, version: 2 })],
    ["a missing key", JSON.stringify({ version: 1, objects: [] })],
    ["an unknown key", JSON.stringify({ ...valid, extra: 1 })],
    ["a key in another case", text.replace("version", "Version")],
    ["a key twice", text.replace('"version":1', '"version":1,"version":1')],
    ["a key twice by escapes", text.replace('"version":1', '"version":1,"v\\u0065rsion":1')],
    ["objects that are no list", JSON.stringify({ ...valid, objects: {} })],
    ["an object twice", JSON.stringify({ ...valid, objects: [object, object] })],
    ["a negative id", JSON.stringify({ ...valid, objects: [{ ...object, relativeId: -1 }] })],
    ["a fractional id", JSON.stringify({ ...valid, objects: [{ ...object, relativeId: 0.5 }] })],
    ["an id of 2^32", JSON.stringify({ ...valid, objects: [{ ...object, relativeId: 2 ** 32 }] })],
    ["a digest without digits", digest("sha256:")],
    ["a digest of wrong length", digest(`sha256:${HEX.slice(2)}`)],
    ["a digest with two colons", digest(`sha256::${HEX}`)],
    ["a digest that is no text", digest(7)],
    ["deep nesting", "[".repeat(50_000) + "]".repeat(50_000)],
  ])("rejects %s", (_name, broken) => {
    expect(() => parseImageMetadata(broken)).toThrow(
      expect.objectContaining({ code: "signature-invalid" }),
    );
  });

  it.each(["md5", "sha1", "blake2b", "sha3", "toString"])("rejects the algorithm %s", (name) => {
    expect(() => parseImageMetadata(digest(`${name}:${HEX}`))).toThrow(
      expect.objectContaining({ code: "hash-unsupported" }),
    );
  });
});
