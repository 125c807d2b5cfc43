import type { SifAttributes, SifWarning } from "@sifshelf/sif";

import type { SifObjectJson } from "./sif-object-json.js";

/** What `sifshelf inspect --json` prints. Nothing of it is verified, and all texts are untrusted. */
export interface InspectJson {
  readonly ok: true;
  /** The file as it was typed, or the ref. */
  readonly source: string;
  readonly sizeBytes: number;
  /** Go name of the arch in the header, which no signature covers; `unknown` if none. */
  readonly arch: string;
  /** Go name of the primary partition's arch, which signatures cover; `null` if there is none. */
  readonly primaryArch: string | null;
  /** UUID; all zeros if the image has none. */
  readonly uuid: string;
  readonly launchScript: string;
  /** RFC 3339; `null` for none. */
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  /** Whether the image has neither UUID nor times. */
  readonly deterministic: boolean;
  /** Whether the primary partition is encrypted. */
  readonly encrypted: boolean;
  /** Whether there is a signature; says nothing about whether it is valid. */
  readonly signed: boolean;
  /** Whether the content is an OCI image. */
  readonly oci: boolean;
  /** Object id of the primary partition; `null` if there is none. */
  readonly primary: number | null;
  /** Numbers of the groups in use. */
  readonly groups: readonly number[];
  /** Number of objects. */
  readonly objects: number;
  /** Display names of the objects' types, in table order. */
  readonly types: readonly string[];
  /** Fingerprints that signatures claim. */
  readonly fingerprints: readonly string[];
  /** The objects, in table order. */
  readonly objectList: readonly SifObjectJson[];
  readonly labels: Readonly<Record<string, string>>;
  /** The definition file; `null` if there is none. */
  readonly deffile: string | null;
  readonly runscript: string | null;
  readonly startscript: string | null;
  readonly test: string | null;
  readonly helpfile: string | null;
  /** Scripts that set environment variables, by file name. */
  readonly environment: Readonly<Record<string, string>>;
  /** SCIF apps by name, each with labels and scripts as the image itself. */
  readonly apps: Readonly<Record<string, SifAttributes>>;
  /** The OCI images inside, those with signatures too. */
  readonly ociImages: readonly OciImageJson[];
  /** What is legal but odd, each with a `code`. */
  readonly warnings: readonly SifWarning[];
  /** Documents that could not be read. */
  readonly problems: readonly InspectProblemJson[];
}

/** An image inside an OCI-SIF. */
export interface OciImageJson {
  readonly manifestDigest: string;
  /** Go name; `null` if the index does not say. */
  readonly ociArch: string | null;
  readonly refName: string | null;
  /** Number of layers. */
  readonly layers: number;
}

/** A document that could not be read. */
export interface InspectProblemJson {
  /** Stable word for the fault. */
  readonly code: string;
  /** The object that holds the document; `null` for the OCI content as a whole. */
  readonly objectId: number | null;
}
