import { describe, expect, it } from "vitest";

import { downloadSettings } from "./download-settings.js";

describe("downloadSettings", () => {
  it("returns nothing when nothing is set", () => {
    expect(downloadSettings({ SIFSHELF_DOWNLOAD_CONCURRENCY: "" })).toEqual({});
  });

  it("takes our own names first, then those of apptainer and singularity", () => {
    const env = {
      SINGULARITY_DOWNLOAD_CONCURRENCY: "3",
      SINGULARITY_DOWNLOAD_PART_SIZE: "5242880",
      SINGULARITY_DOWNLOAD_BUFFER_SIZE: "32768",
    };
    expect(downloadSettings(env)).toEqual({ concurrency: 3, partSizeBytes: 5_242_880 });
    expect(downloadSettings({ ...env, APPTAINER_DOWNLOAD_CONCURRENCY: "4" }).concurrency).toBe(4);
    const ours = { SIFSHELF_DOWNLOAD_CONCURRENCY: "5", APPTAINER_DOWNLOAD_CONCURRENCY: "4" };
    expect(downloadSettings({ ...env, ...ours }).concurrency).toBe(5);
  });

  it.each(["0", "65", "-1", "1.5", "0x10", "many", " 1"])("rejects %j connections", (text) => {
    expect(() => downloadSettings({ APPTAINER_DOWNLOAD_CONCURRENCY: text })).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });
});
