import {
  dateFromSifTime,
  NIL_UUID,
  type SifDescriptor,
  type SifHeader,
  UNKNOWN_ARCH,
} from "@sifshelf/sif";

/** Rows of labels and values. */
type Fields = readonly (readonly [string, string])[];

/** A header as text, in the format of siftool. */
export function headerLines(header: SifHeader): string[] {
  return aligned("", [
    ["Launch Script:", header.launchScript.replace(/\n$/, "")],
    ["Version:", header.version],
    ["Primary Architecture:", header.arch === UNKNOWN_ARCH ? "" : header.arch],
    ["ID:", header.id === NIL_UUID ? "" : header.id],
    ["Created At:", timeText(header.createdAt)],
    ["Modified At:", timeText(header.modifiedAt)],
    ["Descriptors Free:", String(header.descriptorsFree)],
    ["Descriptors Total:", String(header.descriptorsTotal)],
    ["Descriptors Offset:", String(header.descriptorsOffset)],
    ["Descriptors Size:", sizeText(header.descriptorsSize)],
    ["Data Offset:", String(header.dataOffset)],
    ["Data Size:", sizeText(header.dataSize)],
  ]);
}

const RULE = "-".repeat(78);

/** The table of an image's objects as text, in the format of siftool. */
export function listLines(descriptors: readonly SifDescriptor[]): string[] {
  const heading = `${"ID".padEnd(4)} |${"GROUP".padEnd(7)} |${"LINK".padEnd(7)} |${"SIF POSITION (start-end)".padEnd(25)} |TYPE`;
  return [RULE, heading, RULE, ...descriptors.map(rowOf)];
}

function rowOf(descriptor: SifDescriptor): string {
  const { id, group, link, offset, size } = descriptor;
  const linked = link === null ? "NONE" : String(link.id);
  const cells = [
    String(id).padEnd(4),
    String(group ?? "NONE").padEnd(7),
    link?.kind === "group" ? `${linked.padEnd(3)} (G)` : linked.padEnd(7),
    `${offset}-${offset + size}`.padEnd(25),
    typeText(descriptor),
  ];
  return cells.join(" |");
}

function typeText({ typeName, metadata }: SifDescriptor): string {
  switch (metadata.kind) {
    case "partition":
      return `${typeName} (${metadata.fsTypeName}/${metadata.partTypeName}/${metadata.arch})`;
    case "signature":
      return `${typeName} (${metadata.hashTypeName})`;
    case "crypto-message":
      return `${typeName} (${metadata.formatName}/${metadata.messageName})`;
    case "sbom":
      return `${typeName} (${metadata.formatName})`;
    default:
      return typeName;
  }
}

/** The descriptor of an object as text, in the format of siftool. */
export function infoLines(descriptor: SifDescriptor): string[] {
  const { typeName, id, group, link, offset, size, name } = descriptor;
  const linked = link === null ? "NONE" : `${link.id}${link.kind === "group" ? " (G)" : ""}`;
  return aligned("  ", [
    ["Data Type:", typeName],
    ["ID:", String(id)],
    ["Group ID:", String(group ?? "NONE")],
    ["Linked ID:", linked],
    ["Offset:", String(offset)],
    ["Size:", String(size)],
    ["Created At:", timeText(descriptor.createdAt)],
    ["Modified At:", timeText(descriptor.modifiedAt)],
    ["Name:", name],
    ...metadataFields(descriptor),
  ]);
}

function metadataFields({ metadata }: SifDescriptor): Fields {
  switch (metadata.kind) {
    case "partition":
      return [
        ["Filesystem Type:", metadata.fsTypeName],
        ["Partition Type:", metadata.partTypeName],
        ["Architecture:", metadata.arch],
      ];
    case "signature":
      return [
        ["Hash Type:", metadata.hashTypeName],
        ["Entity:", (metadata.fingerprint ?? "").toUpperCase()],
      ];
    case "crypto-message":
      return [
        ["Format Type:", metadata.formatName],
        ["Message Type:", metadata.messageName],
      ];
    case "sbom":
      return [["Format:", metadata.formatName]];
    case "oci":
      return [["Digest:", metadata.digest ?? ""]];
    default:
      return [];
  }
}

/** Labels and values, with the values aligned. Fields without a value are left out. */
function aligned(margin: string, fields: Fields): string[] {
  const present = fields.filter(([, value]) => value !== "");
  const width = Math.max(...present.map(([label]) => label.length));
  const gap = margin === "" ? " " : "  ";
  return present.map(([label, value]) => `${margin}${label.padEnd(width)}${gap}${value}`);
}

function timeText(seconds: bigint): string {
  const [day, time] = dateFromSifTime(seconds)?.toISOString().split(/[T.]/) ?? [];
  return day === undefined ? "" : `${day} ${time ?? ""} +0000 UTC`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Whole units, as siftool rounds them. */
function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value)} ${UNITS[unit] ?? ""}`;
}
