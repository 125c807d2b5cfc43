import { describe, expect, it } from "vitest";

import { Fault } from "../../faults/fault.js";
import { withStagingFaults, withStorageFaults } from "./storage-fault.js";

const systemError = (code: string) => Object.assign(new Error(code), { code });
const failing = (error: Error) => async () => {
  throw error;
};

describe("withStorageFaults", () => {
  describe("when there is no room", () => {
    it.each(["ENOSPC", "EDQUOT", "EFBIG"])("rejects %s with storage-full", async (code) => {
      const cause = systemError(code);
      await expect(withStorageFaults("write", failing(cause))).rejects.toMatchObject({
        code: "storage-full",
        cause,
      });
    });
  });

  describe("when something else fails", () => {
    it.each(["EIO", "EACCES", "ENOENT", "EMFILE", "EROFS", "EXDEV"])(
      "rejects %s with internal",
      async (code) => {
        const cause = systemError(code);
        await expect(withStorageFaults("write", failing(cause))).rejects.toMatchObject({
          code: "internal",
          cause,
        });
      },
    );

    it("rejects with a fault as it is", async () => {
      const fault = new Fault("upload-closed", "closed");
      await expect(withStorageFaults("write", failing(fault))).rejects.toBe(fault);
    });
  });
});

describe("withStagingFaults", () => {
  it("rejects a missing file with upload-closed", async () => {
    await expect(withStagingFaults("write", failing(systemError("ENOENT")))).rejects.toMatchObject({
      code: "upload-closed",
    });
  });
});
