import type { SifDescriptor, SifImage } from "@sifshelf/sif";

/** The expected lines of siftool's `list`, below its heading, for an image that we read. */
export function listedRows({ descriptors }: SifImage): string[] {
  return descriptors.map((descriptor) => {
    const { id, group, link, offset, size } = descriptor;
    const linked = link === null ? "NONE" : `${link.id}`;
    const columns = [
      `${id}`.padEnd(4),
      `|${group ?? "NONE"}`.padEnd(8),
      link?.kind === "group" ? `|${linked.padEnd(3)} (G)` : `|${linked}`.padEnd(8),
      `|${offset}-${offset + size}`.padEnd(26),
    ];
    return `${columns.join(" ")} |${describedType(descriptor)}`;
  });
}

function describedType({ typeName, metadata }: SifDescriptor): string {
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

/** The expected values of siftool's `header`, by label, for an image that we read. */
export function headerFields({ header }: SifImage): Record<string, string> {
  return present({
    "Launch Script": header.launchScript.replace(/\n$/, ""),
    Version: header.version,
    "Primary Architecture": header.arch === "unknown" ? "" : header.arch,
    ID: /^[0-]+$/.test(header.id) ? "" : header.id,
    "Created At": timeText(header.createdAt),
    "Modified At": timeText(header.modifiedAt),
    "Descriptors Free": `${header.descriptorsFree}`,
    "Descriptors Total": `${header.descriptorsTotal}`,
    "Descriptors Offset": `${header.descriptorsOffset}`,
    "Descriptors Size": sizeText(header.descriptorsSize),
    "Data Offset": `${header.dataOffset}`,
    "Data Size": sizeText(header.dataSize),
  });
}

/** The expected values of siftool's `info` for an object, by label, for an image that we read. */
export function infoFields(descriptor: SifDescriptor): Record<string, string> {
  const { id, group, link, offset, size, name } = descriptor;
  return present({
    "Data Type": descriptor.typeName,
    ID: `${id}`,
    "Group ID": `${group ?? "NONE"}`,
    "Linked ID": link === null ? "NONE" : `${link.id}${link.kind === "group" ? " (G)" : ""}`,
    Offset: `${offset}`,
    Size: `${size}`,
    "Created At": timeText(descriptor.createdAt),
    "Modified At": timeText(descriptor.modifiedAt),
    Name: name,
    ...metadataFields(descriptor),
  });
}

function metadataFields({ metadata }: SifDescriptor): Record<string, string> {
  switch (metadata.kind) {
    case "partition":
      return {
        "Filesystem Type": metadata.fsTypeName,
        "Partition Type": metadata.partTypeName,
        Architecture: metadata.arch,
      };
    case "signature":
      return {
        "Hash Type": metadata.hashTypeName,
        Entity: (metadata.fingerprint ?? "").toUpperCase(),
      };
    case "crypto-message":
      return { "Format Type": metadata.formatName, "Message Type": metadata.messageName };
    case "sbom":
      return { Format: metadata.formatName };
    case "oci":
      return { Digest: metadata.digest ?? "" };
    default:
      return {};
  }
}

/** The labels and values of siftool's `header` or `info`. */
export function fieldsOf(text: string): Record<string, string> {
  const lines = text.trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [, label = line, value = ""] = /^ *([^:]+): +(.*)$/.exec(line) ?? [];
      return [label, value];
    }),
  );
}

/** siftool omits empty values. */
function present(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

const NO_TIME = -62_135_596_800n;

function timeText(seconds: bigint): string {
  if (seconds === NO_TIME) return "";
  const [date, time] = new Date(Number(seconds) * 1000).toISOString().split(/[T.]/);
  return `${date} ${time} +0000 UTC`;
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const exponent = Math.floor(Math.log2(bytes) / 10);
  return `${Math.round(bytes / 1024 ** exponent)} ${"KMGTPE"[exponent - 1]}iB`;
}
