import { describe, expect, it } from "vitest";
import { readPgpKeys } from "../pgp/pgp-keyring.js";
import { decodeClearSigned } from "./clear-sign.js";
import { looksLikeDsse } from "./dsse-envelope.js";
import { readPublicKeys } from "../keys/dsse-verifier.js";
import { firstJsonObject } from "./strict-json.js";

/** Where work grows with its square, this many characters take longer than a test may. */
const LENGTH = 150_000;
const many = (unit: string): string => unit.repeat(LENGTH / unit.length);

// Found by fuzzing: each took minutes.
describe("texts made to keep a parser busy", () => {
  it("are no clear-signed message: white space before the end of a line", () => {
    expect(decodeClearSigned(`a${many(" ")}b`)).toBeNull();
  });

  it("are no clear-signed message: more lines than any has", () => {
    const message = "-----BEGIN PGP SIGNED MESSAGE-----\n";
    expect(decodeClearSigned(message + many("\n"))).toBeNull();
  });

  it("are no envelope: quotes in a string that does not end", () => {
    expect(looksLikeDsse(`{${many('\\"')}`)).toBe(false);
    expect(firstJsonObject(`{${many('\\"')}`)).toHaveLength(LENGTH + 1);
  });

  it("are no public key: white space in a block that does not end", async () => {
    const reading = readPublicKeys(`-----BEGIN PUBLIC KEY-----${many(" ")}x`);
    await expect(reading).rejects.toMatchObject({ code: "key-malformed" });
  });

  it("are no pgp key: blocks that do not end", async () => {
    const reading = readPgpKeys([many("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")]);
    await expect(reading).rejects.toMatchObject({ code: "key-malformed" });
  });
});
