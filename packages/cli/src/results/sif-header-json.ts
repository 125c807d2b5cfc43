import { NIL_UUID, type SifHeader, UNKNOWN_ARCH } from "@sifshelf/sif";

import { sifTimeJson } from "./sif-object-json.js";

/** What `sifshelf sif header --json` prints. */
export interface SifHeaderJson {
  readonly ok: true;
  readonly launchScript: string;
  /** Of the format; always `01`. */
  readonly version: string;
  /** Go name of the arch that the header claims; `null` if none. */
  readonly arch: string | null;
  /** UUID; `null` if the image has none. */
  readonly uuid: string | null;
  /** RFC 3339; `null` for none. */
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  readonly descriptorsFree: number;
  readonly descriptorsTotal: number;
  /** In bytes, as the other offsets and sizes. */
  readonly descriptorsOffset: number;
  readonly descriptorsSize: number;
  readonly dataOffset: number;
  readonly dataSize: number;
}

/** The JSON of a header. */
export function sifHeaderJson(header: SifHeader): SifHeaderJson {
  const { launchScript, version, arch, id, createdAt, modifiedAt } = header;
  return {
    ok: true,
    launchScript,
    version,
    arch: arch === UNKNOWN_ARCH ? null : arch,
    uuid: id === NIL_UUID ? null : id,
    createdAt: sifTimeJson(createdAt),
    modifiedAt: sifTimeJson(modifiedAt),
    descriptorsFree: header.descriptorsFree,
    descriptorsTotal: header.descriptorsTotal,
    descriptorsOffset: header.descriptorsOffset,
    descriptorsSize: header.descriptorsSize,
    dataOffset: header.dataOffset,
    dataSize: header.dataSize,
  };
}
