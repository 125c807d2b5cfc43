import { describe, expect, it } from "vitest";

import type { FoundImageJson, SearchJson } from "./search-result.js";
import { searchLines } from "./search-result.js";

const EMPTY: SearchJson = {
  ok: true,
  value: "alp",
  library: "https://lib.example",
  entities: [],
  collections: [],
  containers: [],
  images: [],
  truncated: false,
};

const IMAGE: FoundImageJson = {
  ref: "library://alice/images/alpine:3.18,latest",
  id: "1",
  hash: "sha256.x",
  arch: "amd64",
  sizeBytes: 2_800_000,
  tags: ["3.18", "latest"],
  description: "small",
  signed: true,
  encrypted: false,
  fingerprints: ["ab", "cd"],
  createdAt: "2026-01-01T00:00:00Z",
  uploaded: true,
};

describe("searchLines", () => {
  it("returns images as singularity lists them", () => {
    expect(searchLines({ ...EMPTY, images: [IMAGE] }, ["amd64"])).toEqual([
      'Found 1 container image for amd64 matching "alp":',
      "",
      "\tlibrary://alice/images/alpine:3.18,latest",
      "\t\tsmall",
      "\t\tamd64        2.7 MiB  signed",
      "\t\tSigned by: ab,cd",
      "",
    ]);
  });

  it("leaves out descriptions that say nothing", () => {
    const plain = { ...IMAGE, description: "No Description", fingerprints: [], signed: null };
    expect(searchLines({ ...EMPTY, images: [plain] }).slice(2)).toEqual([
      "\tlibrary://alice/images/alpine:3.18,latest",
      "\t\tamd64        2.7 MiB  unsigned",
      "",
    ]);
  });

  it("returns what holds images, and says that no image was found", () => {
    const found = { uri: "library://alice", description: "" };
    expect(searchLines({ ...EMPTY, entities: [found], containers: [found, found] })).toEqual([
      'Found 1 entity matching "alp":',
      "",
      "\tlibrary://alice",
      "",
      'Found 2 containers matching "alp":',
      "",
      "\tlibrary://alice",
      "",
      "\tlibrary://alice",
      "",
      'No container images found matching "alp".',
    ]);
  });
});
