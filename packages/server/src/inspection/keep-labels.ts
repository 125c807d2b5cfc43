import type { LabelMap } from "@sifshelf/protocol";

import { MAX_LABEL_KEY_LENGTH, MAX_LABELS, MAX_LABELS_LENGTH } from "./limits.js";

/** Labels within the limits, in the order of the image, and whether others were left out. */
export interface KeptLabels {
  readonly labels: LabelMap;
  readonly isCut: boolean;
}

/** The labels that are kept of those that an image has: each whole or not at all. */
export function keepLabels(labels: LabelMap): KeptLabels {
  const all = Object.entries(labels);
  const kept: [string, string][] = [];
  let length = 0;
  for (const [key, value] of all) {
    if (kept.length === MAX_LABELS) break;
    if (key.length > MAX_LABEL_KEY_LENGTH) continue;
    if (length + key.length + value.length > MAX_LABELS_LENGTH) continue;
    length += key.length + value.length;
    kept.push([key, value]);
  }
  // `fromEntries` defines own properties, so a key named `__proto__` stays a label.
  return { labels: Object.fromEntries(kept), isCut: kept.length < all.length };
}
