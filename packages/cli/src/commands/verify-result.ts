import type { SifSigner } from "@sifshelf/sif";

import { alignedFields } from "../output/text.js";

/** What `sifshelf verify --json` prints when the image verified. */
export interface VerifyJson {
  readonly ok: true;
  /** The file as typed, or the ref. */
  readonly source: string;
  /** Ids of the covered objects. Trust nothing else. */
  readonly objects: readonly number[];
  /** Ids of the objects that are not covered, except signatures. */
  readonly uncovered: readonly number[];
  /** The valid signatures, with the objects that each covers. */
  readonly signatures: readonly VerifiedSignatureJson[];
  /** With `--cosign`: the OCI images that are signed. */
  readonly ociImages: readonly VerifiedOciImageJson[];
}

/** One signature that verified. */
export interface VerifiedSignatureJson {
  /** Id of the signature object. */
  readonly signatureId: number;
  readonly kind: "pgp" | "dsse" | "legacy";
  /** The group it was required to cover; `null` if an object was required. */
  readonly group: number | null;
  readonly objects: readonly number[];
  readonly signer: SifSigner;
}

/** One OCI image with cosign signatures that verified. */
export interface VerifiedOciImageJson {
  readonly manifestDigest: string;
  readonly refName: string | null;
  readonly keyIds: readonly string[];
}

/** A successful verification as text. */
export function verifyLines({
  source,
  objects,
  uncovered,
  signatures,
  ociImages,
}: VerifyJson): string[] {
  return [
    `verified ${source}`,
    ...alignedFields([
      ["objects", objects.join(", ")],
      ["not covered", uncovered.join(", ")],
      ...signatures.map((signature) => ["signature", signatureText(signature)] as const),
      ...ociImages.map(
        ({ manifestDigest, refName, keyIds }) =>
          ["image", `${refName ?? "unnamed"} ${manifestDigest} by ${keyIds.join(", ")}`] as const,
      ),
    ]),
  ];
}

function signatureText({
  signatureId,
  kind,
  group,
  objects,
  signer,
}: VerifiedSignatureJson): string {
  const what = group === null ? `object ${objects.join(", ")}` : `group ${group}`;
  return `${signatureId} (${kind}) of ${what} by ${signerText(signer)}`;
}

function signerText(signer: SifSigner): string {
  if (signer.kind === "dsse") return signer.keyIds.join(", ");
  return [signer.fingerprint.toUpperCase(), ...signer.userIds].join(" ");
}
