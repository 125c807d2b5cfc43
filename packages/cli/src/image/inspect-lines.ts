import { NIL_UUID, type SifDescriptor } from "@sifshelf/sif";

import type { InspectedImage } from "./inspect-image.js";
import type { InspectJson } from "./inspect-image.js";
import { listLines } from "./sif-lines.js";
import { alignedFields, formatBytes } from "../output/text.js";

/** Sections of an image that can be printed by themselves. */
export type InspectPart = "deffile" | "labels" | "runscript" | "objects";

/** Headings of the sections. */
export const PART_NAMES: Readonly<Record<InspectPart, string>> = {
  objects: "objects",
  labels: "labels",
  runscript: "run script",
  deffile: "definition file",
};

/** The complete description of an image as text. */
export function inspectLines(inspected: InspectedImage): string[] {
  const { image, json } = inspected;
  return [
    json.source,
    ...factLines(json),
    ...block("objects", partLines(inspected, "objects")),
    ...block("signatures (not verified)", image.descriptors.flatMap(signatureLine)),
    ...block("labels", partLines(inspected, "labels")),
    ...block("run script", partLines(inspected, "runscript")),
    ...block("definition file", partLines(inspected, "deffile")),
    ...block("warnings", json.warnings.map(remarkText)),
    ...block("could not be read", json.problems.map(remarkText)),
  ];
}

/** The requested sections: one alone without a heading, several with headings. */
export function selectedLines(inspected: InspectedImage, parts: readonly InspectPart[]): string[] {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return partLines(inspected, only);
  return parts.flatMap((part) => block(PART_NAMES[part], partLines(inspected, part))).slice(1);
}

function factLines(json: InspectJson): string[] {
  return alignedFields([
    ["size", `${formatBytes(json.sizeBytes)} (${json.sizeBytes} bytes)`],
    ["arch", json.arch],
    ["uuid", json.uuid === NIL_UUID ? "none" : json.uuid],
    ["launch script", json.launchScript.replace(/\n$/, "")],
    ["created", json.createdAt ?? "unknown"],
    ["modified", json.modifiedAt ?? "unknown"],
    ["primary", json.primary === null ? "none" : `object ${json.primary}`],
    ["groups", json.groups.join(", ")],
    ["signed", yesNo(json.signed)],
    ["encrypted", yesNo(json.encrypted)],
    ["oci", yesNo(json.oci)],
    ["deterministic", yesNo(json.deterministic)],
    ["apps", Object.keys(json.apps).join(", ")],
    ...json.ociImages.map(
      ({ manifestDigest, refName, layers }) =>
        ["oci image", `${refName ?? "unnamed"} ${manifestDigest}, ${layers} layers`] as const,
    ),
  ]);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function partLines({ image, json }: InspectedImage, part: InspectPart): string[] {
  if (part === "objects") return listLines(image.descriptors);
  if (part === "labels") {
    return Object.entries(json.labels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}: ${value}`);
  }
  return textLines(json[part]);
}

function textLines(text: string | null): string[] {
  return text === null ? [] : text.replace(/\n$/, "").split("\n");
}

function signatureLine({ id, link, metadata }: SifDescriptor): string[] {
  if (metadata.kind !== "signature") return [];
  const what = link === null ? "nothing" : `${link.kind} ${link.id}`;
  const claim =
    metadata.fingerprint === null ? "" : `, claims key ${metadata.fingerprint.toUpperCase()}`;
  return [`object ${id}: of ${what}, ${metadata.hashTypeName}${claim}`];
}

function remarkText({ code, objectId }: { code: string; objectId: number | null }): string {
  return objectId === null ? code : `object ${objectId}: ${code}`;
}

function block(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${line}`)];
}
