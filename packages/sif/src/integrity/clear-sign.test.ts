import { describe, expect, it } from "vitest";
import { decodeClearSigned, isStrictArmor } from "./clear-sign.js";

const SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n";
const message = (text: string, headers = "Hash: SHA256\n") =>
  `-----BEGIN PGP SIGNED MESSAGE-----\n${headers}\n${text}\n${SIGNATURE}`;

describe("decodeClearSigned", () => {
  it("returns text and armored signature", () => {
    expect(decodeClearSigned(message('{"version":1}'))).toEqual({
      text: '{"version":1}',
      signature: SIGNATURE,
      isSurrounded: false,
    });
  });

  it("returns text without escapes, trailing white space and carriage returns", () => {
    const text = decodeClearSigned(
      message("one \t\r\n- - two\n- -----three\n").replace("\n", "\r\n"),
    );
    expect(text?.text).toBe("one\n- two\n-----three\n");
  });

  it("tells of data around the message", () => {
    expect(decodeClearSigned(`before\n${message("x")}`)?.isSurrounded).toBe(true);
    expect(decodeClearSigned(`${message("x")}after`)?.isSurrounded).toBe(true);
    expect(decodeClearSigned(`\n${message("x")}\n`)?.isSurrounded).toBe(false);
  });

  it.each([
    ["no headers", ""],
    ["several hashes", "Hash: SHA256, SHA512\nHash: SHA384\n"],
  ])("accepts %s", (_name, headers) => {
    expect(decodeClearSigned(message("x", headers))?.text).toBe("x");
  });

  it.each([
    ["another header", message("x", "Comment: fooled you\n")],
    ["text in a hash header", message("x", "Hash: SHA256\u00a0and this is signed\n")],
    ["an unknown hash", message("x", "Hash: SHA257\n")],
    ["text after the dashes", message("x").replace("MESSAGE-----", "MESSAGE----- x")],
    ["a begin line inside a line", `x${message("x")}`],
    ["no signature", "-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n"],
    ["no end of the signature", message("x").replace(/-----END.*/s, "")],
    ["no blank line", "-----BEGIN PGP SIGNED MESSAGE-----"],
    ["nothing", ""],
  ])("returns null for a message with %s", (_name, data) => {
    expect(decodeClearSigned(data)).toBeNull();
  });
});

describe("isStrictArmor", () => {
  const armor = (body: string) =>
    `-----BEGIN PGP SIGNATURE-----\n${body}\n-----END PGP SIGNATURE-----\n`;

  it.each([
    ["base64", "\nabcd\nef=="],
    ["base64 and checksum", "\nabcd\n=abcd"],
    ["headers", "Version: x 1.0\nComment: y\n\nabcd"],
  ])("accepts %s", (_name, body) => {
    expect(isStrictArmor(armor(body))).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["no blank line", "abcd"],
    ["other characters", "\nab?cd"],
    ["non-ascii characters", "\nab\ufffdcd"],
    ["white space in a line", "\nab cd"],
    ["two checksums", "\nabcd\n=abcd\n=abcd"],
    ["text after the checksum", "\nabcd\n=abcd\nabcd"],
  ])("rejects %s", (_name, body) => {
    expect(isStrictArmor(armor(body))).toBe(false);
  });
});
