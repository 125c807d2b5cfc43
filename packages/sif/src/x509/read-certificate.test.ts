import { X509Certificate } from "node:crypto";
import { buildSif } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";
import { readSigningKey } from "../keys/dsse-signer.js";
import { isKeyError } from "../keys/key-error.js";
import { signSif } from "../integrity/sign-sif.js";
import { verifySif } from "../integrity/verify-sif.js";
import {
  CODE_SIGNING,
  makeCertificate,
  NAME_CONSTRAINTS,
  SERVER_AUTH,
  type TestCertificate,
  type TestCertificateOptions,
  UNKNOWN_EXTENSION,
} from "../../testing/certificate.js";
import { memorySifStore } from "../write/sif-store.js";
import { type CertificateOptions, readCertificateKey } from "./read-certificate.js";

const KEY_CERT_SIGN = 0x04;
const DIGITAL_SIGNATURE = 0x80;

const root = makeCertificate({ name: "root", authority: null, keyUsage: KEY_CERT_SIGN });
const middle = makeCertificate({ name: "middle", authority: 0, issuer: root });
const leafOf = (issuer: TestCertificate, more: Partial<TestCertificateOptions> = {}) =>
  makeCertificate({ name: "leaf", issuer, keyUsage: DIGITAL_SIGNATURE, ...more });

async function codeOf(options: CertificateOptions): Promise<string> {
  try {
    await readCertificateKey(options);
    return "ok";
  } catch (error) {
    if (isKeyError(error)) return error.code;
    throw error;
  }
}

const roots = root.pem;
const intermediates = middle.pem;

describe("readCertificateKey", () => {
  it("returns a verifier of signatures made with the certificate's key", async () => {
    const leaf = leafOf(middle);
    const store = memorySifStore(buildSif());
    const pem = leaf.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const image = await signSif(store, { keys: [await readSigningKey(pem)] });
    const key = await readCertificateKey({ certificate: leaf.pem, intermediates, roots });
    expect((await verifySif(image, { keys: [key] })).objects).toEqual([1, 2, 3]);
  });

  it("reads certificates that the platform reads too", () => {
    const leaf = new X509Certificate(leafOf(middle).pem);
    expect(leaf.verify(new X509Certificate(middle.pem).publicKey)).toBe(true);
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.3"]);
  });

  const accepted: [string, () => CertificateOptions][] = [
    ["a leaf below a root", () => ({ certificate: leafOf(root).pem, roots })],
    [
      "intermediates after the leaf",
      () => ({ certificate: leafOf(middle).pem + middle.pem, roots }),
    ],
    ["a leaf that is trusted itself", () => ({ certificate: leafOf(middle).pem, roots: "" })],
    [
      "a leaf for any use",
      () => ({ certificate: leafOf(root, { extendedKeyUsage: null }).pem, roots }),
    ],
    ...(["rsa", "ed25519", "ec"] as const).map((keyType): [string, () => CertificateOptions] => [
      `a chain of ${keyType} keys`,
      () => {
        const top = makeCertificate({ name: "top", authority: null, keyType });
        return { certificate: leafOf(top, { keyType }).pem, roots: top.pem };
      },
    ]),
  ];
  it.each(accepted)("accepts %s", async (_name, options) => {
    const given = options();
    const trusted = given.roots === "" ? given.certificate : given.roots;
    expect(await codeOf({ ...given, roots: trusted })).toBe("ok");
  });

  const other = makeCertificate({ name: "root", authority: null });
  const rejected: [string, () => CertificateOptions][] = [
    ["a missing intermediate", () => ({ certificate: leafOf(middle).pem, roots })],
    [
      "a root of the same name with another key",
      () => ({ certificate: leafOf(root).pem, roots: other.pem }),
    ],
    [
      "an expired leaf",
      () => ({ certificate: leafOf(root, { notAfter: "210101000000Z" }).pem, roots }),
    ],
    [
      "a leaf that is not valid yet",
      () => ({ certificate: leafOf(root, { notBefore: "480101000000Z" }).pem, roots }),
    ],
    [
      "an expired intermediate",
      () => {
        const old = makeCertificate({
          name: "old",
          authority: 0,
          issuer: root,
          notAfter: "210101000000Z",
        });
        return { certificate: leafOf(old).pem, intermediates: old.pem, roots };
      },
    ],
    [
      "a leaf for servers",
      () => ({ certificate: leafOf(root, { extendedKeyUsage: [SERVER_AUTH] }).pem, roots }),
    ],
    [
      "an intermediate for servers",
      () => {
        const server = makeCertificate({
          name: "server",
          authority: 0,
          issuer: root,
          extendedKeyUsage: [SERVER_AUTH],
        });
        return { certificate: leafOf(server).pem, intermediates: server.pem, roots };
      },
    ],
    [
      "a leaf whose key is for encryption",
      () => ({ certificate: leafOf(root, { keyUsage: 0x20 }).pem, roots }),
    ],
    [
      "a leaf that signs a leaf",
      () => {
        const first = leafOf(root);
        return { certificate: leafOf(first).pem, intermediates: first.pem, roots };
      },
    ],
    [
      "an authority that may not sign certificates",
      () => {
        const weak = makeCertificate({
          name: "weak",
          authority: 0,
          issuer: root,
          keyUsage: DIGITAL_SIGNATURE,
        });
        return { certificate: leafOf(weak).pem, intermediates: weak.pem, roots };
      },
    ],
    [
      "a chain that is too long for an authority",
      () => {
        const below = makeCertificate({ name: "below", authority: null, issuer: middle });
        return { certificate: leafOf(below).pem, intermediates: below.pem + middle.pem, roots };
      },
    ],
    [
      "an unknown critical extension",
      () => ({ certificate: leafOf(root, { critical: [UNKNOWN_EXTENSION] }).pem, roots }),
    ],
    [
      "name constraints",
      () => {
        const bound = makeCertificate({
          name: "bound",
          authority: 0,
          issuer: root,
          critical: [NAME_CONSTRAINTS],
        });
        return { certificate: leafOf(bound).pem, intermediates: bound.pem, roots };
      },
    ],
  ];
  it.each(rejected)("rejects %s", async (_name, options) => {
    expect(await codeOf(options())).toBe("certificate-untrusted");
  });

  it("accepts a time at which an expired leaf was valid", async () => {
    const certificate = leafOf(root, { notAfter: "210101000000Z" }).pem;
    expect(await codeOf({ certificate, roots, at: new Date("2020-06-01") })).toBe("ok");
  });

  it.each(["", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"])(
    "rejects as certificate: %j",
    async (certificate) => {
      expect(await codeOf({ certificate, roots })).toBe("certificate-malformed");
    },
  );

  it("rejects many certificates of one name without trying them all", async () => {
    const twins = Array.from({ length: 70 }, () =>
      makeCertificate({ name: "twin", authority: null, extendedKeyUsage: [CODE_SIGNING] }),
    );
    const first = twins[0] ?? root;
    const certificate = leafOf(first).pem;
    const pem = twins
      .slice(1)
      .map((twin) => twin.pem)
      .join("");
    expect(await codeOf({ certificate, intermediates: pem, roots })).toBe("certificate-untrusted");
  });
});
